import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SNSClient } from "@aws-sdk/client-sns";
import { pino } from "pino";
import type { SnsEndpointOptions } from "../../../../functions/embedded/sns/endpoint-options.ts";
import { type SnsEndpoint, startSnsEndpoint } from "../../../../functions/embedded/sns/start-sns-endpoint.ts";

export const credentials = { accessKeyId: "AKIDEMBEDDED", secretAccessKey: "embedded-secret" };
export const region = "eu-central-1";
export const signingHost = `sns.${region}.amazonaws.com`;
/** Fast enough for a test; the pauses themselves are tested without waiting, in retry-schedule.test.ts. */
export const quickRetry = { attemptsMax: 100, firstDelayMs: 20, delayMsMax: 60 };

export function endpointOptions(dataDir: string): SnsEndpointOptions {
  return {
    dataDir,
    host: "127.0.0.1",
    port: 0,
    tlsPort: 0,
    region,
    accountId: "123456789012",
    credentials,
    signingHost,
    subscriberNetworks: ["127.0.0.0/8"],
    retry: quickRetry,
    log: pino({ level: "silent" }),
  };
}

export function snsClient(endpoint: string, secretAccessKey = credentials.secretAccessKey): SNSClient {
  return new SNSClient({ region, endpoint, credentials: { ...credentials, secretAccessKey }, maxAttempts: 1 });
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "understudy-sns-"));
}

export interface RunningEndpoint extends AsyncDisposable {
  readonly dataDir: string;
  readonly endpoint: SnsEndpoint;
  readonly client: SNSClient;
}

/** An endpoint in this process with a data directory of its own, and the SDK's client for it. */
export async function runningEndpoint(overrides: Partial<SnsEndpointOptions> = {}): Promise<RunningEndpoint> {
  const dataDir = await temporaryFolder();
  const endpoint = await startSnsEndpoint({ ...endpointOptions(dataDir), ...overrides });
  const client = snsClient(endpoint.url);
  return {
    dataDir,
    endpoint,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await endpoint.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SNSClient } from "@aws-sdk/client-sns";
import type { Logger } from "pino";
import type { Notifier } from "../notify/notifier.ts";
import { alertIdAttribute, SnsNotifier } from "../notify/sns-notifier.ts";
import type { DataDirectory } from "./data-directory.ts";
import { inUrl } from "./in-url.ts";
import { listenFailure } from "./listen.ts";
import { isSmtpUrl } from "./sns/email-delivery.ts";
import { type SnsEndpoint, startSnsEndpoint } from "./sns/start-sns-endpoint.ts";
import { StartError } from "./start-error.ts";

export interface EmbeddedSns {
  readonly notifier: Notifier;
  readonly endpoint: SnsEndpoint;
  /** The authority that subscribers trust to reach the endpoint over TLS: path of its PEM file. */
  readonly caPath: string;
  close(): Promise<void>;
}

interface SnsSettings {
  readonly host: string;
  /** The name or address of this machine in the links of messages. */
  readonly publicHost: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly smtpUrl: string | undefined;
  /** Networks beside the internet in which subscribers may be. */
  readonly subscriberNetworks: readonly string[];
  readonly log: Logger;
}

const region = "us-east-1";
/** Not an account of anybody's: only the form of the topics' names asks for one. */
const accountId = "000000000000";

/** The SNS endpoint and the SDK's client for it: the client differs from the cloud's by its endpoint and credentials alone. */
export async function startEmbeddedSns(directory: DataDirectory, settings: SnsSettings): Promise<EmbeddedSns> {
  const { host, publicHost, port, tlsPort, smtpUrl, subscriberNetworks, log } = settings;
  if (smtpUrl !== undefined && !isSmtpUrl(smtpUrl)) {
    // What was given stays unsaid: it may hold a password.
    throw new StartError("the value of --smtp-url is no mail server's URL. Write it as smtp://user:password@host:587, or smtps://...");
  }
  const secretAccessKey = await directory.readOrCreate("sns-secret", async () => randomBytes(32).toString("base64url"));
  const credentials = { accessKeyId: "understudy-embedded", secretAccessKey };
  const dataDir = join(directory.path, "sns");
  const endpoint = await startSnsEndpoint({
    dataDir,
    host,
    port,
    tlsPort,
    log,
    subscriberNetworks,
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
    ...(host === publicHost ? {} : { publicUrl: `http://${inUrl(publicHost)}:${port}` }),
    region,
    accountId,
    credentials,
    deduplicateBy: alertIdAttribute,
    signingHost: `sns.${region}.amazonaws.com`,
  }).catch((error: unknown) => {
    throw portFailure(error, settings);
  });
  const client = new SNSClient({ endpoint: endpoint.url, region, credentials });
  return {
    notifier: new SnsNotifier(client),
    endpoint,
    caPath: join(dataDir, "sns-ca.pem"),
    close: async () => {
      client.destroy();
      await endpoint.close();
    },
  };
}

/** The endpoint knows its ports, but not the options that set them. */
function portFailure(error: unknown, { host, port, tlsPort }: SnsSettings): unknown {
  const cause = error instanceof Error ? (error.cause as (NodeJS.ErrnoException & { readonly port?: number }) | undefined) : undefined;
  if (cause?.syscall !== "listen") return error;
  // Where any free port would do, the error names none.
  const refused = cause.port ?? 0;
  const option = refused === tlsPort && tlsPort !== port ? "--sns-tls-port" : "--sns-port";
  return listenFailure(cause, host, refused, option);
}

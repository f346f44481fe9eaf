import { consoleHandler } from "../../console/handler.ts";
import { readConsoleEnvironment, readEnvironment } from "../../env.ts";
import { awsDirectory, awsMessenger, awsNotifier, awsSigner } from "../aws-adapters.ts";
import { kmsClient } from "../aws-clients.ts";
import { awsDependencies } from "../aws-dependencies.ts";
import { kmsSessionKey } from "../kms-session-key.ts";

type Handler = ReturnType<typeof consoleHandler>;
type Call = Parameters<Handler>;

const environment = readEnvironment(process.env);
const { consoleUrl: publicUrl, issuerUrl, clientId, sessionKey } = readConsoleEnvironment(process.env);
let ready: Promise<Handler> | undefined;

/** The first request fetches the key of the sessions; should that fail, the next one tries again. */
export async function handler(event: Call[0], context?: Call[1]): Promise<unknown> {
  ready ??= begin().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  return (await ready)(event, context);
}

async function begin(): Promise<Handler> {
  const key = await kmsSessionKey(kmsClient(), sessionKey);
  const dependencies = awsDependencies(environment, (stores) => ({
    signer: awsSigner(environment),
    messenger: awsMessenger(environment, stores),
    notifier: awsNotifier(environment),
    directory: awsDirectory(environment),
  }));
  return consoleHandler(dependencies, { identity: { issuerUrl, clientId, publicUrl }, sessionKey: key });
}

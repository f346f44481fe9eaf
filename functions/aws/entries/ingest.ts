import { readEnvironment } from "../../env.ts";
import { ingestHandler } from "../../ingest/handler.ts";
import { awsMessenger, awsSigner } from "../aws-adapters.ts";
import { awsDependencies } from "../aws-dependencies.ts";

const environment = readEnvironment(process.env);

export const handler = ingestHandler(
  awsDependencies(environment, (stores) => ({ signer: awsSigner(environment), messenger: awsMessenger(environment, stores) })),
);

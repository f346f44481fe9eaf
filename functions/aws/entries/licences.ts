import { readEnvironment } from "../../env.ts";
import { licencesHandler } from "../../licences/handler.ts";
import { awsMessenger, awsNotifier, awsSigner } from "../aws-adapters.ts";
import { awsDependencies } from "../aws-dependencies.ts";

const environment = readEnvironment(process.env);

export const handler = licencesHandler(
  awsDependencies(environment, (stores) => ({
    signer: awsSigner(environment),
    messenger: awsMessenger(environment, stores),
    notifier: awsNotifier(environment),
  })),
);

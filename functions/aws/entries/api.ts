import { apiHandler } from "../../api/handler.ts";
import { readEnvironment } from "../../env.ts";
import { awsDirectory, awsMessenger, awsNotifier, awsSigner } from "../aws-adapters.ts";
import { awsDependencies } from "../aws-dependencies.ts";

const environment = readEnvironment(process.env);

export const handler = apiHandler(
  awsDependencies(environment, (stores) => ({
    signer: awsSigner(environment),
    messenger: awsMessenger(environment, stores),
    notifier: awsNotifier(environment),
    directory: awsDirectory(environment),
  })),
);

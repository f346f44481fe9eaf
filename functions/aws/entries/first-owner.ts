import { readEnvironment } from "../../env.ts";
import { firstOwnerHandler } from "../../first-owner/handler.ts";
import { awsDirectory } from "../aws-adapters.ts";
import { awsDependencies } from "../aws-dependencies.ts";

const environment = readEnvironment(process.env);

export const handler = firstOwnerHandler(awsDependencies(environment, () => ({ directory: awsDirectory(environment) })));

import { setTimeout as pause } from "node:timers/promises";
import { alertsHandler } from "../../alerts/handler.ts";
import { readEnvironment } from "../../env.ts";
import { awsNotifier } from "../aws-adapters.ts";
import { awsDependencies } from "../aws-dependencies.ts";

const environment = readEnvironment(process.env);
const dependencies = awsDependencies(environment, () => ({ notifier: awsNotifier(environment) }));

export const handler = alertsHandler(dependencies, pause);

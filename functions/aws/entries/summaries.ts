import { readEnvironment } from "../../env.ts";
import { summariesHandler } from "../../summaries/handler.ts";
import { awsDependencies } from "../aws-dependencies.ts";

export const handler = summariesHandler(awsDependencies(readEnvironment(process.env)));

import { readEnvironment } from "../../env.ts";
import { presenceHandler } from "../../presence/handler.ts";
import { awsDependencies } from "../aws-dependencies.ts";

export const handler = presenceHandler(awsDependencies(readEnvironment(process.env)));

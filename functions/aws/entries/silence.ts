import { readEnvironment } from "../../env.ts";
import { silenceHandler } from "../../presence/silence-handler.ts";
import { awsDependencies } from "../aws-dependencies.ts";

export const handler = silenceHandler(awsDependencies(readEnvironment(process.env)));

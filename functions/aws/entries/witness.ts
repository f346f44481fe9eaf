import { witnessHandler } from "../../api/witness-handler.ts";
import { readEnvironment } from "../../env.ts";
import { awsDependencies } from "../aws-dependencies.ts";

export const handler = witnessHandler(awsDependencies(readEnvironment(process.env)));

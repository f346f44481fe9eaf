import { z } from "zod";
import { besideOthersSchema, preflightResultsSchema } from "../../shared/protocol/preflight-schema.ts";
import { programFile } from "../program-file.ts";
import { runProgram } from "../resources/system-program.ts";
import { parseJson } from "../storage/parse-json.ts";
import type { Looked, LookOptions } from "./look-at-server.ts";

/** Longer than all that a look waits for, one after the other. */
const lookMs = 30_000;
const serverLook = programFile("server-look").pathname;

const lookedSchema = z.strictObject({ results: preflightResultsSchema, beside: besideOthersSchema });

/** Whom to look for, while the agent runs. */
export type OwnLook = Pick<LookOptions, "settings" | "member">;

/** Looks at the server in a process of its own (server-look.ts), which is given up when `given` is aborted. Rejects with the reason. */
export async function lookAside(look: OwnLook, given: AbortSignal): Promise<Looked> {
  const result = await runProgram([process.execPath, serverLook], lookMs, JSON.stringify(look), given);
  if (!result.ok) throw new Error(result.reason);
  return lookedSchema.parse(parseJson(result.output));
}

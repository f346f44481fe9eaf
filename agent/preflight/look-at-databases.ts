import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { DatabaseFact } from "../../shared/domain/preflight/preflight-facts.ts";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { programFile } from "../program-file.ts";
import { type LookedTables, lookedTablesSchema } from "../replication/looked-tables.ts";
import { runProgram } from "../resources/system-program.ts";
import { parseJson } from "../storage/parse-json.ts";
import { within } from "./within.ts";

const lookMs = 8_000;
const tableLook = programFile("table-look").pathname;

/** Every data set of the settings. `document`: null before the node has one, and then nobody has said which tables are `local`. */
export async function lookAtDatabases({ dataSets }: AgentSettings, document: ClusterDocument | null): Promise<readonly DatabaseFact[]> {
  return Promise.all(
    Object.entries(dataSets).map(async ([dataSet, { path }]): Promise<DatabaseFact> => {
      const declared = document?.dataSets.find((one) => one.name === dataSet);
      const local = declared?.kind === "sqlite" ? declared.local : null;
      const found = await within(lookMs + 1_000, databaseAt(path, local));
      return { dataSet, path, found: "value" in found ? found.value : { kind: "unreadable", problem: `${path}: ${found.problem}` } };
    }),
  );
}

async function databaseAt(path: string, local: readonly LocalPart[] | null): Promise<DatabaseFact["found"]> {
  const kind = await kindOf(path);
  if (kind === null) return { kind: "none", hasFolder: (await kindOf(dirname(path))) === "folder" };
  if (kind === "folder") return { kind };
  const looked = await lookInside(path, local ?? []);
  return looked.kind === "database" ? { ...looked, isDeclared: local !== null } : looked;
}

/** Null: nothing is there. */
async function kindOf(path: string): Promise<"folder" | "file" | null> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function lookInside(path: string, local: readonly LocalPart[]): Promise<LookedTables> {
  const result = await runProgram([process.execPath, tableLook, path, JSON.stringify(local)], lookMs);
  if (!result.ok) throw new Error(`it cannot be looked at: ${result.reason}`);
  const parsed = lookedTablesSchema.safeParse(parseJson(result.output));
  if (!parsed.success) throw new Error(`it cannot be looked at: ${reasonOf(parsed.error)}`);
  return parsed.data;
}

import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import { durableRecordSchema } from "../../shared/protocol/durable-record-schema.ts";
import { firstRecord, nextIncarnation, type VoteStore } from "../../shared/voter/vote-store.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "./durable-file.ts";

/** The record for this start: the incarnation has grown, and is on disk before anybody hears of it. Throws `AgentError` where the file is damaged. */
export async function advanceNodeRecord(path: string): Promise<DurableRecord> {
  const last = await readNodeRecord(path);
  const next = nextIncarnation(last);
  await writeNodeRecord(path, next);
  return next;
}

/** As it lies there: for an agent that goes on as the incarnation before it. Throws `AgentError` where the file is damaged. */
export async function readNodeRecord(path: string): Promise<DurableRecord> {
  const text = await readIfPresent(path);
  return text === null ? firstRecord : parse(text, path);
}

export async function writeNodeRecord(path: string, record: DurableRecord): Promise<void> {
  await writeDurably(path, `${JSON.stringify(record)}\n`);
}

/** Calls back with null when it is on disk, else with the reason why it may not be. */
export function storeNodeRecord(path: string, record: DurableRecord, stored: (problem: string | null) => void): void {
  void writeNodeRecord(path, record).then(
    () => stored(null),
    (error: unknown) => stored(`${path} cannot be written: ${reasonOf(error)}`),
  );
}

/** The same for a witness that another process hosts. */
export function nodeVoteStore(path: string): VoteStore {
  return { advance: () => advanceNodeRecord(path), write: (record) => writeNodeRecord(path, record) };
}

function parse(text: string, path: string): DurableRecord {
  try {
    return durableRecordSchema.parse(JSON.parse(text));
  } catch (error) {
    const nextStep = "Remove the node in the console, empty its data directory, and join it again with a new token.";
    throw new AgentError("data-dir-unusable", `The file ${path}, which keeps this node's promises, is damaged.`, nextStep, error);
  }
}

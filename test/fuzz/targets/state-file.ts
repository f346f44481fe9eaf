import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentError } from "../../../agent/agent-error.ts";
import { OutboxJournal } from "../../../agent/cloud/outbox-journal.ts";
import { readNodeRecord } from "../../../agent/storage/node-record.ts";
import { durableRecordSchema } from "../../../shared/protocol/durable-record-schema.ts";
import { bytesOf, type FuzzTarget, isA, promise, sameAs } from "../fuzz-target.ts";

const folder = mkdtempSync(join(tmpdir(), "understudy-fuzz-"));
const file = join(folder, "state");
const record = { incarnation: 3, epochCeilings: { default: 7 }, soles: { default: { number: 1, node: null } }, longPromises: {} };
const event = {
  eventId: "clus/default/7/quorum.lost",
  clusterId: "clus_00000000000000000001",
  reporter: "node_0000000000000000000a",
  at: "2026-11-21T10:02:03.120Z",
  severity: "critical",
  detail: { kind: "agent.detached" },
};

export const stateFile: FuzzTarget = {
  name: "state-file",
  reads: "what a node finds on its own disk: its promises, as versions before wrote them too, and the events that still wait",
  share: 2,
  seeds: [
    bytesOf(JSON.stringify(record)),
    bytesOf(JSON.stringify({ incarnation: 1, epochCeilings: {} })),
    bytesOf(`${JSON.stringify({ add: event })}\n${JSON.stringify({ remove: ["x", event.eventId] })}\n${JSON.stringify({ add: event })}\n`),
  ],
  words: ["\n", '{"add":', '{"remove":["'],
  execute: async (input) => {
    writeFileSync(file, input);
    const waiting = await OutboxJournal.read(file);
    promise(
      [...waiting].every(([id, one]) => id === one.eventId),
      "an event waits under another's id",
    );
    try {
      const read = await readNodeRecord(file);
      sameAs(durableRecordSchema.parse(JSON.parse(JSON.stringify(read))), read, "a record");
      return "accepted";
    } catch (error) {
      if (isA(AgentError)(error)) return waiting.size > 0 ? "accepted" : "refused";
      throw error;
    }
  },
  close: () => rmSync(folder, { recursive: true, force: true }),
};

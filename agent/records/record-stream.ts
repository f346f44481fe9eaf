import type { ServerResponse } from "node:http";
import { RecordProblem } from "./record-problem.ts";
import { type RecordChanges, shown } from "./record-request.ts";

/** A sign of life where nothing is written, so that both ends notice a connection that is dead. */
const aliveEveryMs = 10_000;

/**
 * Server-sent events, one for each record that was written, until the other end goes: `put` with the record as it stands, `delete` with the key. The last of
 * what came together carries the position as its id, with which a client goes on. `ended` says why there is no more.
 */
export async function streamChanges(
  response: ServerResponse,
  after: string | null,
  ask: (position: string | null, waitMs: number) => Promise<RecordChanges>,
): Promise<void> {
  // Refused in the ordinary way, before anything is sent.
  let told = await ask(after, 0);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  // Where it begins, for a client that loses the stream before anything is written.
  response.write(`id: ${told.position}\nevent: position\ndata: ${JSON.stringify({ position: told.position })}\n\n`);
  while (!response.destroyed) {
    const text = told.changes.length === 0 ? ": alive\n\n" : eventsOf(told);
    if (!response.write(text)) await drained(response);
    try {
      told = await ask(told.position, aliveEveryMs);
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      response.end(`event: ended\ndata: ${JSON.stringify(error.body)}\n\n`);
      return;
    }
  }
}

/** Or closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}

function eventsOf({ changes, position }: RecordChanges): string {
  return changes
    .map(({ key, record }, index) => {
      const id = index === changes.length - 1 ? `id: ${position}\n` : "";
      const data = record === null ? { key } : shown(record);
      return `${id}event: ${record === null ? "delete" : "put"}\ndata: ${JSON.stringify(data)}\n\n`;
    })
    .join("");
}

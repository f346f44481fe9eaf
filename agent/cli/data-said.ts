import type { DataAnswer, DataRequest } from "../replication/data-request.ts";
import { table } from "./table.ts";

const hourMs = 3_600_000;

/** For people: what was asked, and the next step. */
export function dataSaid(kind: DataRequest["kind"], { dataSet, path, undoneAt, backups }: DataAnswer, now: Date): string {
  const outside = `Since ${undoneAt ?? "?"} this node takes no part in data set ${dataSet}, because its join was undone; the other nodes keep what it misses. To take part again: understudy agent data rejoin.`;
  switch (kind) {
    case "backups": {
      const lines = backups.map(({ savedAt, bytes, file }) => [savedAt, age(savedAt, now), (bytes / 1_048_576).toFixed(1), file]);
      const listed = table(["REPLACED AT", "AGE", "MIB", "FILE"], lines);
      return undoneAt === null ? listed : `${listed}\n\n${outside}`;
    }
    case "undo":
      return `${path} holds what it held at ${backups[0]?.savedAt ?? "?"}, before it was replaced. ${outside}`;
    case "rejoin":
      return `This node takes part in data set ${dataSet} again: \`understudy agent status\` shows how the copy comes.`;
  }
}

function age(savedAt: string, now: Date): string {
  const hours = Math.max(0, Math.floor((now.getTime() - Date.parse(savedAt)) / hourMs));
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

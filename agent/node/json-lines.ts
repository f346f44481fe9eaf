import type { Readable } from "node:stream";
import { parseJson } from "../storage/parse-json.ts";

/** Between processes of one agent, one JSON value a line. A longer line is a fault of the other side. */
const lineCharsMax = 1_024 * 1_024;

export function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Calls back with every object; a line that is too long or holds none destroys the stream with the reason, and nothing of it is read any more. */
export function readLines(stream: Readable, onValue: (value: unknown) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineCharsMax) return void stream.destroy(new Error(`a line is longer than ${lineCharsMax} characters`));
    for (const line of lines) {
      const value = parseJson(line);
      if (typeof value !== "object" || value === null) return void stream.destroy(new Error("a line is no JSON object"));
      onValue(value);
    }
  });
}

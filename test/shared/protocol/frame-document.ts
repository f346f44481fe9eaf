import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { encodeFrame, type ReplicationFrame } from "../../../shared/protocol/replication-frames.ts";

const file = resolve(import.meta.dirname, "../../../shared/protocol/FRAMES.md");
const begin = "<!-- examples -->\n";
const end = "<!-- end of examples -->";
const bytesPerLine = 32;

/** What FRAMES.md shows between its marks. */
export function shownExamples(): string {
  const text = readFileSync(file, "utf8");
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim();
}

export function showExamples(examples: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, `${text.slice(0, text.indexOf(begin) + begin.length)}\n${examples}\n\n${text.slice(text.indexOf(end))}`);
}

/** Each frame as its map, and as the bytes that travel. */
export function examplesOf(frames: readonly ReplicationFrame[]): string {
  return frames.map(exampleOf).join("\n\n");
}

/** The bytes of every frame that is shown. */
export function bytesShown(): readonly Uint8Array[] {
  return [...shownExamples().matchAll(/```hex\n([^`]*)```/g)].map(([, hex = ""]) =>
    Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex")),
  );
}

function exampleOf(frame: ReplicationFrame): string {
  const bytes = encodeFrame(frame);
  const map = JSON.stringify(frame, (_, value: unknown) =>
    value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value,
  );
  return [`### ${frame.type}, ${bytes.length} bytes`, "", "```text", map, "```", "", "```hex", ...hexLines(bytes), "```"].join("\n");
}

function hexLines(bytes: Uint8Array): readonly string[] {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  return Array.from({ length: Math.ceil(pairs.length / bytesPerLine) }, (_, line) =>
    pairs.slice(line * bytesPerLine, (line + 1) * bytesPerLine).join(" "),
  );
}

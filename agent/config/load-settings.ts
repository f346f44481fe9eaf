import { readFileSync } from "node:fs";
import type { Document } from "yaml";
import { LineCounter, parseDocument } from "yaml";
import { AgentError, reasonOf } from "../agent-error.ts";
import { type AgentSettings, agentSettingsSchema } from "./agent-settings.ts";
import { settingRows } from "./settings-table.ts";

/** A settings file is written by a person: anything larger is a mistake. */
const settingsBytesMax = 256 * 1_024;

/** Reads and checks a settings file. Throws `AgentError` ("bad-settings") that lists every problem with its line. */
export function loadSettings(file: string): AgentSettings {
  return parseSettings(readSettings(file), file);
}

function readSettings(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const nextStep = "Name a readable file with --config; agent/config/agent.example.yaml is one to start from.";
    throw new AgentError("bad-settings", `The settings file ${file} cannot be read: ${reasonOf(error)}.`, nextStep, error);
  }
  if (Buffer.byteLength(text) <= settingsBytesMax) return text;
  throw new AgentError(
    "bad-settings",
    `The settings file ${file} is larger than ${settingsBytesMax} bytes.`,
    "Check that --config names the right file.",
  );
}

export function parseSettings(text: string, file: string): AgentSettings {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true });
  if (document.errors.length > 0)
    throw badSettings(
      file,
      document.errors.map((error) => error.message.split("\n")[0] ?? error.message),
    );
  const parsed = agentSettingsSchema.safeParse(valueOf(document, file) ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "invalid_key")
      return [problem(document, lineCounter, path, `its name ${issue.issues[0]?.message ?? issue.message}`)];
    if (issue.code === "too_small" || issue.code === "too_big")
      return [problem(document, lineCounter, path, boundsSaid(path) ?? issue.message)];
    if (issue.code !== "unrecognized_keys") return [problem(document, lineCounter, path, issue.message)];
    return issue.keys.map((key) => problem(document, lineCounter, [...path, key], "is not a setting"));
  });
  const inOrder = problems.toSorted((one, other) => one.line - other.line);
  throw badSettings(
    file,
    inOrder.map(({ line, text }) => `line ${line}: ${text}`),
  );
}

/** For a number outside its range; undefined where the setting has none. */
function boundsSaid(path: readonly string[]): string | undefined {
  const found = settingRows().find(({ path: known, range }) => {
    const parts = known.split(".");
    return range !== "" && parts.length === path.length && parts.every((part, index) => part === "NAME" || part === path[index]);
  });
  return found === undefined ? undefined : `must be ${found.range}. ${found.advice}`;
}

/** An alias that names nothing, or that would stand for too much, is found only here. */
function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    throw badSettings(file, [reasonOf(error)]);
  }
}

interface Problem {
  readonly line: number;
  readonly text: string;
}

function problem(document: Document, lineCounter: LineCounter, path: readonly string[], message: string): Problem {
  return { line: lineOf(document, lineCounter, path), text: `${path.length === 0 ? "the file" : path.join(".")}: ${message}` };
}

/** The line of a setting, or of the nearest thing around it that is there (a missing setting has no line of its own). */
function lineOf(document: Document, lineCounter: LineCounter, path: readonly string[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const offset = offsetOf(node);
    if (offset !== undefined) return lineCounter.linePos(offset).line;
  }
  return 1;
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === "number" ? start : undefined;
}

function badSettings(file: string, problems: readonly string[]): AgentError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new AgentError(
    "bad-settings",
    [`The settings file ${file} has ${count}:`, ...problems].join("\n  "),
    "Correct the lines named and start again.",
  );
}

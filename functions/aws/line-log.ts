import type { Log } from "../dependencies.ts";

/** As pino numbers them, so that both clouds' logs are searched alike. */
const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;
export type LogLevel = keyof typeof levels;

/** One line of JSON for each entry, on standard output: Lambda brings it to CloudWatch. What is below the level is left out. */
export function lineLog(least: LogLevel, write: (line: string) => unknown = (line) => process.stdout.write(line)): Log {
  const at = (level: LogLevel) => (facts: object, message: string) => {
    if (levels[level] < levels[least]) return;
    write(`${JSON.stringify({ level: levels[level], time: Date.now(), ...facts, msg: message }, tellingErrors)}\n`);
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** An error has no fields that JSON would show. */
function tellingErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name: type, message, stack, cause } = value;
  const errors = value instanceof AggregateError ? { errors: value.errors as unknown[] } : {};
  return { type, message, stack, ...(cause === undefined ? {} : { cause }), ...errors };
}

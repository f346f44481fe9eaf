import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines } from "../../demo/child-process.ts";
import type { Namespace } from "../namespace.ts";
import { readExchanges, type SipExchange } from "./sip-exchange.ts";

/** Each is a scenario of sipp's beside this file. */
export type SippScenario = "register" | "call" | "answer";

export interface SippRun {
  readonly namespace: Namespace;
  readonly scenario: SippScenario;
  readonly from: { readonly address: string; readonly port: number };
  /** Address and port. */
  readonly to: string;
  /** For its list of users, its log and its record of messages, which are called after `name`. */
  readonly folder: string;
  readonly name: string;
  /** Values of the scenario's own keywords. */
  readonly keys?: Readonly<Record<string, string | number>>;
}

/** One after the other, so many a second. */
export interface Users {
  readonly users: readonly string[];
  readonly perSecond: number;
}

/** Whoever waits for longer for the next message has failed. */
const patienceMs = 20_000;
/** A run that has not ended by then is ended; what it has not done by then has failed. */
const runMsMax = 60_000;
/** All went well; some did not. Anything else is a fault of sipp or of its call. */
const exitCodesOfRuns = [0, 1];

/** Has each user register, or be called. Resolves with one exchange for each that was begun. */
export async function runSipp(run: SippRun, { users, perSecond }: Users): Promise<readonly SipExchange[]> {
  const usersFile = join(run.folder, `${run.name}.users`);
  writeFileSync(usersFile, ["SEQUENTIAL", ...users.map((user) => `${user};`), ""].join("\n"));
  const amount = ["-m", users.length, "-r", perSecond, "-recv_timeout", patienceMs].map(String);
  const child = startSipp(run, ["-inf", usersFile, ...amount]);
  const timer = setTimeout(() => child.kill("SIGKILL"), runMsMax);
  const [exitCode] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  if (exitCode !== null && !exitCodesOfRuns.includes(exitCode))
    throw new Error(`sipp ended with ${exitCode}: ${lastLines(logFileOf(run))}`);
  const record = recordOf(run);
  // Where the machine was late sipp begins several at once, more than it was asked for, and with the list from its beginning.
  return existsSync(record) ? readExchanges(readFileSync(record, "utf8")).slice(0, users.length) : [];
}

export function startSipp(run: SippRun, more: readonly string[] = []) {
  const { namespace, scenario, from, to, folder, name, keys = {} } = run;
  const place = ["-i", from.address, "-p", String(from.port), "-bind_local"];
  const record = ["-trace_shortmsg", "-shortmessage_file", recordOf(run), "-trace_err", "-error_file", join(folder, `${name}-errors.log`)];
  const values = Object.entries(keys).flatMap(([key, value]) => ["-key", key, String(value)]);
  const scenarioFile = join(import.meta.dirname, `${scenario}.xml`);
  const [program = "", ...rest] = [
    ...namespace.entry,
    "sipp",
    to,
    "-sf",
    scenarioFile,
    "-nostdin",
    ...place,
    ...record,
    ...values,
    ...more,
  ];
  const log = openSync(logFileOf(run), "a");
  try {
    return spawn(program, rest, { stdio: ["ignore", log, log] });
  } finally {
    closeSync(log); // The child has its own copy.
  }
}

function logFileOf({ folder, name }: SippRun): string {
  return join(folder, `${name}.log`);
}

function recordOf({ folder, name }: SippRun): string {
  return join(folder, `${name}-messages.log`);
}

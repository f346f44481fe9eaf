import { Argument, Command } from "commander";
import { limits } from "../../shared/config/limits.ts";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { barrierMsMax } from "../local/barrier-answer.ts";
import { type RecordCall, RecordsClient } from "../records/records-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { parseJson } from "../storage/parse-json.ts";
import { askingCommand } from "./asking-command.ts";
import {
  type CommitShown,
  committed,
  dataSetTable,
  eventLine,
  type PageShown,
  type RecordShown,
  recordTable,
  setsShown,
} from "./record-tables.ts";
import { wholeNumber } from "./whole-number.ts";

const recordsWanted = 100;
const replicatedWithinMs = 10_000;
/** What the way to the writer may take beyond. */
const forwardedWithinMs = 10_000;

interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

interface OfDataSet extends CommonOptions {
  readonly dataSet: string;
}

interface WriteOptions extends OfDataSet {
  readonly ifVersion?: string;
  readonly ifAbsent?: boolean;
  readonly ttl?: number;
  readonly forward?: boolean;
  readonly replicated?: boolean;
  readonly timeout: number;
}

export function recordsCommand(): Command {
  return new Command("records")
    .description(
      "The data sets that the agents keep themselves: configuration and short-lived state, written where their group is and read everywhere.",
    )
    .addCommand(askingCommand("sets", "the data sets of records, and who may write each").action(sets))
    .addCommand(
      ofDataSet("list", "the records, in the order of their keys")
        .option("--prefix <text>", "only keys that begin so")
        .option("--after <key>", "only keys after this one, for the next page")
        .option("--limit <records>", `how many, at most ${limits.recordsPerPageMax}`, wholeNumber(limits.recordsPerPageMax), recordsWanted)
        .action(list),
    )
    .addCommand(ofDataSet("get", "one record").addArgument(key()).action(get))
    .addCommand(
      write("put", "writes a record")
        .addArgument(key())
        .argument("<value>", "its value as JSON, as '\"text\"' or '{\"to\": 200}'")
        .option("--if-absent", "only where there is none")
        .option("--ttl <seconds>", "for how long it is there; for data sets of kind state", wholeNumber(limits.recordTtlSecondsMax))
        .action(put),
    )
    .addCommand(write("delete", "deletes a record").addArgument(key()).action(remove))
    .addCommand(
      ofDataSet("commit", "which nodes have a commit on their disks")
        .addArgument(new Argument("<commit>", "as `put` and `delete` name it; a record's version is the commit that wrote it"))
        .action(commit),
    )
    .addCommand(
      ofDataSet("watch", "prints what is written, until it is interrupted")
        .option("--prefix <text>", "only keys that begin so")
        .option("--after <position>", "go on from there: a position that an earlier watch has printed")
        .action(watch),
    );
}

function ofDataSet(name: string, description: string): Command {
  return askingCommand(name, description).requiredOption("--data-set <name>", "the data set");
}

function write(name: string, description: string): Command {
  return ofDataSet(name, `${description}; on the node that holds the data set's group`)
    .option("--if-version <version>", "only where this is what there is")
    .option("--forward", "on any node: it passes the write on to the one that holds the group")
    .option("--replicated", "wait until another node has it on its disk")
    .option("--timeout <ms>", "how long to wait for that", wholeNumber(barrierMsMax), replicatedWithinMs);
}

function key(): Argument {
  return new Argument("<key>", "the record's key");
}

async function sets({ config, json }: CommonOptions): Promise<void> {
  print(json, await call(config, { method: "GET", path: [] }), (body) => dataSetTable(setsShown(body)));
}

async function list({ config, dataSet, json, ...query }: OfDataSet & { prefix?: string; after?: string; limit: number }): Promise<void> {
  print(json, await call(config, { method: "GET", path: [dataSet, "records"], query }), (body) => recordTable(body as PageShown));
}

async function get(name: string, { config, dataSet, json }: OfDataSet): Promise<void> {
  const record = await call(config, { method: "GET", path: [dataSet, "records", name] });
  print(json, record, (body) => recordTable({ records: [body as RecordShown], more: false }));
}

async function put(name: string, text: string, options: WriteOptions): Promise<void> {
  const { config, dataSet, json, ifAbsent = false, ifVersion, ttl } = options;
  if (ifAbsent && ifVersion !== undefined) throw wrong("--if-absent and --if-version contradict each other", "Give one of them.");
  const value = parseJson(text);
  if (value === undefined) throw wrong("the value is not JSON", "Put a text into double quotes within single ones: '\"text\"'.");
  const headers = ifAbsent ? { "if-none-match": "*" } : matching(ifVersion);
  const { query, withinMs } = durability(options);
  const path = [dataSet, "records", name];
  const body = await call(config, { method: "PUT", path, query: { ...query, ttlSeconds: ttl }, headers, value, withinMs });
  print(json, body, (answer) => committed(answer as CommitShown, `Record ${name} of data set ${dataSet} is written`));
}

async function remove(name: string, options: WriteOptions): Promise<void> {
  const { config, dataSet, json, ifVersion } = options;
  const path = [dataSet, "records", name];
  const body = await call(config, { method: "DELETE", path, headers: matching(ifVersion), ...durability(options) });
  print(json, body, (answer) => committed(answer as CommitShown, `Record ${name} of data set ${dataSet} is deleted`));
}

async function commit(id: string, { config, dataSet, json }: OfDataSet): Promise<void> {
  const body = await call(config, { method: "GET", path: [dataSet, "commits", id] });
  print(json, body, (answer) => committed({ commit: answer as CommitShown["commit"] }, `Commit ${id} of data set ${dataSet}`));
}

async function watch({ config, dataSet, json = false, ...query }: OfDataSet & { prefix?: string; after?: string }): Promise<void> {
  for await (const told of client(config).watch(dataSet, query)) process.stdout.write(`${json ? JSON.stringify(told) : eventLine(told)}\n`);
  throw new AgentError("record-refused", "The agent has ended the watch.", "Watch on with --after and the last position that was printed.");
}

function matching(version: string | undefined): Record<string, string> {
  return version === undefined ? {} : { "if-match": `"${version}"` };
}

function durability({ forward = false, replicated = false, timeout }: WriteOptions): {
  query: NonNullable<RecordCall["query"]>;
  withinMs: number;
} {
  const passed = forward ? { forward: "true" } : {};
  if (!replicated) return { query: passed, withinMs: forward ? forwardedWithinMs : 0 };
  return { query: { ...passed, durability: "replicated", timeoutMs: timeout }, withinMs: timeout + (forward ? forwardedWithinMs : 0) };
}

function wrong(cause: string, nextStep: string): AgentError {
  return new AgentError("record-refused", `Nothing was asked of the agent: ${cause}.`, nextStep);
}

function client(config: string): RecordsClient {
  return new RecordsClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}

function call(config: string, wanted: RecordCall): Promise<unknown> {
  return client(config).call(wanted);
}

function print(json: boolean | undefined, body: unknown, said: (body: unknown) => string): void {
  process.stdout.write(`${json === true ? JSON.stringify(body, null, 2) : said(body)}\n`);
}

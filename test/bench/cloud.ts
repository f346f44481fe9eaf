import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { parseCall } from "../parse-call.ts";
import { cells, columns, type Row } from "./cloud/cloud-row.ts";
import { handlersPart } from "./cloud/handlers-part.ts";
import { socketsPart } from "./cloud/sockets-part.ts";

const parts = ["sockets", "handlers"] as const;

interface Options {
  readonly part: readonly (typeof parts)[number][];
  readonly nodes: number;
  readonly seconds: number;
  readonly events: number;
  readonly json?: string;
}

const program = new Command("npm run bench:cloud --")
  .description(
    `A fleet of clusters of two nodes, the control plane their witness.

sockets: at one embedded control plane, which is a process of its own, each node with a connection of its own (MQTT, mutual TLS), all from this process. First it is measured how long they take to connect; then nodes report at the agent's own pace, events come in, and the API and the console are asked all the while; at last every node reports at once.

handlers: at the functions that run in AWS, which are handed what nodes send as AWS hands it to them, on a table in a process of its own that has the whole fleet and says what each request takes; nothing goes over a broker. 600 nodes all over the fleet send something.

What the same costs in AWS is counted by a test (functions/COST.md).

Exit code: 0 when everything was measured and no connection or event was lost, 1 otherwise, 2 for a wrong call.`,
  )
  .addOption(new Option("--part <name...>", "which to measure").choices(parts).default(parts))
  .option("--nodes <count>", "of the fleet, an even number", wholeNumber(100_000), 10_000)
  .option("--seconds <count>", "sockets: for which reports, events and requests go on", wholeNumber(), 60)
  .option("--events <count>", "sockets: that come in each second", wholeNumber(10_000), 50)
  .option("--json <file>", "write the rows there");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main({ part, nodes, seconds, events, json }: Options): Promise<number> {
  const rows: Row[] = [];
  try {
    if (part.includes("sockets")) rows.push(...(await socketsPart({ nodes, seconds, events })));
    if (part.includes("handlers")) rows.push(...(await handlersPart(nodes)));
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
    console.log(table(columns, rows.map(cells)));
  }
}

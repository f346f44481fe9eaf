import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { parseCall } from "../parse-call.ts";
import { demonstrate } from "./demonstration.ts";
import { Narrator } from "./narrator.ts";
import { Site } from "./site.ts";

interface Options {
  readonly database?: string;
  readonly json?: true;
  readonly keep?: true;
}

const program = new Command("npm run demo --")
  .description(
    `Runs the whole path once on this machine, from an empty folder to equal replicas, and ends: a control plane, three servers with an agent and the customer's application, the loss of the operational server, the alert, and the server's return.

Exit code: 0 when every step worked, 1 when one failed, 2 for a wrong call.`,
  )
  .option("--database <file>", "a SQLite database to copy in place of the sample (it is not changed)")
  .option("--json", "one JSON object on standard output; the story goes to standard error")
  .option("--keep", "keep the folder with all data and logs, and say where it is");

async function main(): Promise<number> {
  const options = parseCall(program).opts<Options>();
  if (options.database !== undefined && !existsSync(options.database)) {
    console.error(`There is no file ${options.database}. Name a SQLite database, or leave --database out for the sample.`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "understudy-demo-"));
  const narrator = new Narrator(options.json === true ? process.stderr : process.stdout);
  const site = new Site(folder, await Site.anyPorts());
  let keep = options.keep === true;
  const interrupted = new Promise<never>((_, reject) => process.once("SIGINT", () => reject(new Error("interrupted"))));
  try {
    const result = await Promise.race([demonstrate(site, narrator, options.database), interrupted]);
    narrator.plain("");
    for (const line of result.timeline) narrator.plain(line);
    if (options.json === true) console.log(JSON.stringify(result));
    const isRight = result.rowsLost === 0 && result.replicasEqual && result.alertsDelivered === 1;
    keep ||= !isRight;
    return isRight ? 0 : 1;
  } catch (error) {
    console.error(`The demonstration failed: ${error instanceof Error ? error.message : String(error)}`);
    keep = true;
    return 1;
  } finally {
    await site.application.stopWriting();
    const killed = await site.end();
    if (killed.length > 0) console.error(`Had to be killed: ${killed.join(", ")}`);
    if (keep) console.error(`Data and logs: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();

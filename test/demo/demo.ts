import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demonstrate } from "./demonstration.ts";
import { Narrator } from "./narrator.ts";
import { Site } from "./site.ts";

const help = `Usage: npm run demo -- [options]

Runs the whole path once on this machine, from an empty folder to equal replicas, and ends:
a control plane, three servers with an agent and the customer's application, the loss of the
operational server, the alert, and the server's return.

Options:
  --database FILE  a SQLite database to copy in place of the sample (it is not changed)
  --json           one JSON object on standard output; the story goes to standard error
  --keep           keep the folder with all data and logs, and say where it is
  --help           this text

Exit code: 0 when every step worked, 1 when one failed, 2 for a wrong call.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { database: { type: "string" }, json: { type: "boolean" }, keep: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  if (values.database !== undefined && !existsSync(values.database)) {
    console.error(`There is no file ${values.database}. Name a SQLite database, or leave --database out for the sample.`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "understudy-demo-"));
  const narrator = new Narrator(values.json === true ? process.stderr : process.stdout);
  const site = new Site(folder, await Site.anyPorts());
  let keep = values.keep === true;
  const interrupted = new Promise<never>((_, reject) => process.once("SIGINT", () => reject(new Error("interrupted"))));
  try {
    const result = await Promise.race([demonstrate(site, narrator, values.database), interrupted]);
    narrator.plain("");
    for (const line of result.timeline) narrator.plain(line);
    if (values.json === true) console.log(JSON.stringify(result));
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

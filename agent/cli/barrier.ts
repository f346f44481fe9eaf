import { Command } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { barrierMsMax } from "../local/barrier-answer.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { wholeNumber } from "./whole-number.ts";

interface BarrierOptions {
  readonly config: string;
  readonly dataSet: string;
  readonly timeout: number;
  readonly json?: boolean;
}

export function barrierCommand(): Command {
  return new Command("barrier")
    .description(
      "Waits until another node has on its disk whatever this node's application has committed up to now: from then on the loss of this server loses none of it.",
    )
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .requiredOption("--data-set <name>", "the data set")
    .option("--timeout <ms>", `how long to wait, at most ${barrierMsMax}`, wholeNumber(barrierMsMax), 10_000)
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(barrier);
}

async function barrier({ config, dataSet, timeout, json = false }: BarrierOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const answer = await client.barrier(dataSet, timeout);
  const said = `What was committed to data set ${dataSet} is on the disk of ${answer.heldByNames.join(" and ")} as well, after ${answer.tookMs} ms.`;
  process.stdout.write(`${json ? JSON.stringify(answer) : said}\n`);
}

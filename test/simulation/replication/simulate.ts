import { availableParallelism } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { wholeNumber } from "../../../agent/cli/whole-number.ts";
import { parseCall } from "../../parse-call.ts";
import { list, listOf } from "../fault-options.ts";
import { mutants } from "./mutants.ts";
import { type FaultClass, faultClasses } from "./options.ts";
import { saveShowedLast } from "./planted-bugs.ts";
import { runSeed } from "./run-seed.ts";
import { runOnThreads } from "./seed-threads.ts";
import { shrink } from "./shrink.ts";

interface Options {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly seed?: number;
  readonly nodes?: number;
  readonly mutant?: string;
  readonly without?: readonly FaultClass[];
  readonly only?: readonly string[];
  readonly shrink?: true;
  readonly mutants?: true;
  readonly save?: true;
  readonly mutantSeeds: number;
  readonly json?: true;
}

const program = new Command("npm run simulate:replication --")
  .description(
    "Runs the production exchange and merge through simulated networks, disks and applications. Exit code: 1 when a seed failed or a planted bug was not found, 2 for a wrong call.",
  )
  .option("--seeds <count>", "how many seeds to run", wholeNumber(), 1_000)
  .option("--first-seed <seed>", "the first of them", wholeNumber(), 1)
  .option("--seed <seed>", "replay one seed, with a line for every fault", wholeNumber())
  .option("--nodes <count>", "2 to 8 nodes in place of what each seed draws", nodeCount)
  .option("--mutant <name>", "with --seed: plant this bug")
  .option("--without <classes>", "with --seed: leave these kinds of trouble out (comma-separated)", listOf(faultClasses))
  .option("--only <faults>", "with --seed: of the single faults only these, as --shrink names them (comma-separated)", list)
  .option("--shrink", "with --seed: find the least that still breaks the same rule, and replay that")
  .option("--mutants", "plant every known bug, and search until the simulation finds it")
  .option("--save", "with --mutants: keep where each was found, for the tests and for REPLICATION.md")
  .option("--mutant-seeds <count>", "with --mutants: seeds to try for each bug", wholeNumber(), 1_000)
  .option("--json", "print exactly one JSON object on standard output; everything else goes to standard error");

const options = parseCall(program).opts<Options>();
const threads = availableParallelism();
process.exitCode = options.seed !== undefined ? replay(options.seed) : await (options.mutants === true ? searchMutants() : simulate());

/** Without --json the log is the output; with it the result is. */
function replay(seed: number): number {
  const mutant = options.mutant === undefined ? null : mutants.find(({ name }) => name === options.mutant);
  if (mutant === undefined) {
    console.error(`there is no planted bug ${options.mutant}; known ones: ${mutants.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  const run = { mutant, nodes: options.nodes, without: options.without ?? [], only: options.only };
  const shrunk = options.shrink === true ? shrink(seed, { mutant, nodes: options.nodes }) : null;
  if (options.shrink === true && shrunk === null) console.error(`seed ${seed} goes well: there is nothing to shrink`);
  const trace = options.json === true ? console.error : console.log;
  const result = runSeed(seed, { ...run, ...(shrunk === null ? {} : { without: shrunk.without, only: shrunk.only }), trace });
  for (const { verdict, rule, what } of result.violations) trace(`${rule} (${verdict}): ${what}`);
  if (shrunk !== null)
    console.error(
      `${shrunk.rule} with ${shrunk.only.length} faults; again: --seed ${seed} --without ${shrunk.without.join()} --only '${shrunk.only.join()}'`,
    );
  if (options.json === true) console.log(JSON.stringify(result));
  return result.violations.length === 0 ? 0 : 1;
}

async function simulate(): Promise<number> {
  const { seeds, firstSeed, nodes } = options;
  const totals = await runOnThreads(threads, { first: firstSeed, last: firstSeed + seeds - 1, nodes, mutant: null });
  const unsafe = totals.failed.filter(({ violation }) => violation.verdict === "unsafe").length;
  const notConverged = totals.failed.length - unsafe;
  for (const { seed, violation } of totals.failed) {
    console.error(`seed ${seed} failed: ${violation.rule} (${violation.verdict}) ${violation.what}`);
    console.error(`  replay it: npm run simulate:replication -- --seed ${seed}${nodes === undefined ? "" : ` --nodes ${nodes}`}`);
  }
  const { failed, ...counts } = totals;
  if (options.json === true) console.log(JSON.stringify({ ...counts, firstSeed, unsafe, notConverged, failed: failed.slice(0, 20) }));
  else
    console.log(
      `${totals.seeds} seeds, ${totals.faults} faults, ${totals.writes} writes, ${totals.conflicts} conflicts journalled: ${unsafe} unsafe, ${notConverged} not converged`,
    );
  return totals.failed.length === 0 ? 0 : 1;
}

async function searchMutants(): Promise<number> {
  const detail = [];
  for (const { name, bug } of mutants) {
    const { failed } = await runOnThreads(threads, {
      first: options.firstSeed,
      last: options.firstSeed + options.mutantSeeds - 1,
      nodes: options.nodes,
      mutant: name,
    });
    const [first] = failed;
    const found = first === undefined ? { seed: null, rule: null } : { seed: first.seed, rule: first.violation.rule };
    console.error(`${name}: ${found.seed === null ? "not found" : `seed ${found.seed} (${found.rule})`}`);
    detail.push({ mutant: name, bug, ...found });
  }
  if (options.save === true) saveShowedLast(Object.fromEntries(detail.map(({ mutant, seed }) => [mutant, seed])));
  const caught = detail.filter(({ seed }) => seed !== null).length;
  if (options.json === true) console.log(JSON.stringify({ mutants: mutants.length, caught, detail }));
  else console.log(`${caught} of ${mutants.length} planted bugs were found`);
  return caught === mutants.length ? 0 : 1;
}

function nodeCount(text: string): number {
  if (!/^[2-8]$/.test(text)) throw new InvalidArgumentError("It must be 2 to 8.");
  return Number(text);
}

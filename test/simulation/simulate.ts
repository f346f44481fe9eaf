import { availableParallelism } from "node:os";
import { Command } from "commander";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { parseCall } from "../parse-call.ts";
import { list, listOf } from "./fault-options.ts";
import { mutants } from "./mutants.ts";
import { saveCatches } from "./planted-bugs.ts";
import { runSeed } from "./run-seed.ts";
import { catchMutant, runSeeds } from "./search.ts";
import { SeedPool } from "./seed-pool.ts";
import { type Shrunk, shrink } from "./shrink.ts";
import { type FaultClass, faultClasses } from "./swarm.ts";

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

const program = new Command("npm run simulate --")
  .description(
    "Runs the production failover core through simulated faults. Exit code: 1 when a seed failed or a planted bug was not found, 2 for a wrong call.",
  )
  .option("--seeds <count>", "how many seeds to run", wholeNumber(), 1_000)
  .option("--first-seed <seed>", "the first of them", wholeNumber(), 1)
  .option("--seed <seed>", "replay one seed, with a line for every transition and fault", wholeNumber())
  .option("--nodes <count>", "2 to 8 nodes in place of what each seed draws", wholeNumber())
  .option("--mutant <name>", "with --seed: plant this bug; with --mutants: search for this one alone")
  .option("--without <classes>", "with --seed: leave these kinds of trouble out (comma-separated)", listOf(faultClasses))
  .option("--only <faults>", "with --seed: of the single faults only these, as --shrink names them (comma-separated)", list)
  .option("--shrink", "with --seed: find the least that still breaks the same rule, and replay that")
  .option("--mutants", "plant every known bug at every size at which it can show, and search until the simulator finds it")
  .option("--save", "with --mutants: keep where each of them was found, for the tests and for FAILOVER.md")
  .option("--mutant-seeds <count>", "with --mutants: seeds to try for each bug and size", wholeNumber(), 3_000)
  .option("--json", "print exactly one JSON object on standard output; everything else goes to standard error");

const options = parseCall(program).opts<Options>();
process.exitCode = await main();

async function main(): Promise<number> {
  if (options.seed !== undefined) return replay(options.seed);
  const pool = new SeedPool(availableParallelism());
  try {
    return options.mutants === true ? await searchMutants(pool) : await simulate(pool);
  } finally {
    await pool.close();
  }
}

/** Without --json the log is the output; with it the result is. */
function replay(seed: number): number {
  const mutant = options.mutant === undefined ? null : mutants.find(({ name }) => name === options.mutant);
  if (mutant === undefined) return unknownMutant();
  const run = { mutant, nodes: options.nodes, without: options.without ?? [], only: options.only };
  const shrunk = options.shrink === true ? shrink(seed, run) : null;
  if (options.shrink === true && shrunk === null) console.error(`seed ${seed} goes well: there is nothing to shrink`);
  const trace = options.json === true ? console.error : console.log;
  const result = runSeed(seed, { ...run, ...(shrunk === null ? {} : { without: shrunk.without, only: shrunk.only }), trace });
  if (shrunk !== null)
    console.error(`${shrunk.rule} with ${shrunk.only.length} faults, found in ${shrunk.runs} runs; again: ${callOf(seed, shrunk)}`);
  if (options.json === true) console.log(JSON.stringify(result));
  return result.violations.length === 0 ? 0 : 1;
}

function unknownMutant(): number {
  console.error(`there is no planted bug ${options.mutant}; known ones: ${mutants.map(({ name }) => name).join(", ")}`);
  return 2;
}

function callOf(seed: number, { without, only }: Shrunk): string {
  const planted = options.mutant === undefined ? "" : ` --mutant ${options.mutant}`;
  const nodes = options.nodes === undefined ? "" : ` --nodes ${options.nodes}`;
  return `npm run simulate -- --seed ${seed}${nodes}${planted} --without ${without.join()} --only '${only.join()}'`;
}

async function simulate(pool: SeedPool): Promise<number> {
  const { seeds, firstSeed, nodes } = options;
  const startedMs = performance.now();
  const summary = await runSeeds(pool, { firstSeed, seeds, nodes }, (done) => {
    if (done % 500 === 0) console.error(`${done} of ${seeds} seeds after ${seconds(startedMs)} s`);
  });
  for (const { seed, violation } of summary.failed) {
    console.error(`seed ${seed} failed: ${violation.rule} (${violation.verdict}) ${violation.what}`);
    console.error(`  replay it: npm run simulate -- --seed ${seed}${nodes === undefined ? "" : ` --nodes ${nodes}`}`);
  }
  if (options.json === true) console.log(JSON.stringify(summary));
  else
    console.log(
      `${seeds} seeds, ${summary.simulatedHours} simulated hours, ${summary.faults} faults, ${summary.takeovers} starts: ${summary.unsafe} unsafe, ${summary.notRecovered} not recovered`,
    );
  return summary.unsafe + summary.notRecovered === 0 ? 0 : 1;
}

/** A bug counts as caught when it shows at any size; some cannot show at every one (FAILOVER.md). */
async function searchMutants(pool: SeedPool): Promise<number> {
  const planted = options.mutant === undefined ? mutants : mutants.filter(({ name }) => name === options.mutant);
  if (planted.length === 0) return unknownMutant();
  const detail = await Promise.all(
    planted.map(async ({ name, bug, sizes }) => {
      const catches = await Promise.all(sizes.map((nodes) => catchMutant(pool, name, nodes, options.firstSeed, options.mutantSeeds)));
      const shown = catches.map(({ nodes, seed, rule }) => `${nodes} nodes: ${seed === null ? "not found" : `seed ${seed} (${rule})`}`);
      console.error(`${name}: ${shown.join(", ")}`);
      return { mutant: name, bug, catches };
    }),
  );
  if (options.save === true) saveCatches(detail.flatMap(({ catches }) => catches));
  const caught = detail.filter(({ catches }) => catches.some(({ seed }) => seed !== null)).length;
  const everywhere = detail.filter(({ catches }) => catches.every(({ seed }) => seed !== null)).length;
  if (options.json === true) console.log(JSON.stringify({ mutants: planted.length, caught, caughtAtEverySize: everywhere, detail }));
  else console.log(`${caught} of ${planted.length} planted bugs were found, ${everywhere} of them at every size at which they can show`);
  return caught === planted.length ? 0 : 1;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1_000).toFixed(0);
}

import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { Trail } from "../trail.ts";
import type { Mutant } from "./mutant.ts";
import { type FaultClass, faultClasses, simulationOptions } from "./options.ts";
import type { Violation } from "./oracle.ts";
import { World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  readonly nodes: number;
  readonly simulatedMs: number;
  readonly writes: number;
  readonly conflicts: number;
  readonly violations: readonly Violation[];
  /** How often the net under it all was needed: changes that a peer has did not come, and were asked for again. */
  readonly warnings: readonly string[];
  readonly faultIds: readonly string[];
  /** The same for the same seed and options, and for no other run. */
  readonly fingerprint: string;
}

export interface RunOptions {
  readonly mutant?: Mutant | null;
  readonly nodes?: number | undefined;
  readonly without?: readonly FaultClass[];
  /** Of all faults that the seed draws only these, by their ids; absent: all of them. */
  readonly only?: readonly string[] | undefined;
  readonly trace?: (line: string) => void;
}

const lookEveryMs = 400;
/** For a stream that was lost unnoticed, its redial, a hold, two questions and a prune; and where rows were changed beneath capture, for comparisons drawn at random to come to every replica. */
const restWithinMs = 45_000;

/** One run: everything in it follows from the seed. */
export function runSeed(seed: number, run: RunOptions = {}): SeedResult {
  const drawn = simulationOptions(seed, run.nodes);
  const options = { ...drawn, on: new Set([...drawn.on].filter((name) => run.without?.includes(name) !== true)) };
  const world = new World(options, run.mutant ?? null, run.only === undefined ? null : new Set(run.only), run.trace ?? null);
  const on = faultClasses.filter((name) => options.on.has(name)).join(" ");
  world.log(null, `seed ${seed}: ${options.nodes} nodes, commits ${options.isApplicationSynced ? "synced" : "synced later"}, ${on}`);
  for (const [round, lastsMs] of options.roundsMs.entries()) {
    const healAtMs = world.nowUs / 1_000 + lastsMs;
    world.begin(round, healAtMs);
    if (round === 0) world.after(lastsMs / 2, () => world.changeDeclared(options.declared[1]));
    keepWriting(world, round, healAtMs);
    if (!world.pass(healAtMs)) break;
    world.heal();
    if (!comesToRest(world)) break;
  }
  const { oracle, faults, machines } = world;
  const conflicts = machines.reduce((sum, { file }) => sum + (file?.size("journal") ?? 0), 0);
  const trail = new Trail();
  trail.add(world.nowUs, oracle.writes, conflicts, faults.happened.length, oracle.violations.length);
  for (const { replica } of machines) for (const seq of Object.values(replica?.vector ?? {})) trail.add(seq);
  return {
    seed,
    nodes: options.nodes,
    simulatedMs: world.nowUs / 1_000,
    writes: oracle.writes,
    conflicts,
    violations: oracle.violations,
    warnings: oracle.warnings,
    faultIds: faults.happened,
    fingerprint: trail.fingerprint,
  };
}

/** Passes until all is equal everywhere and has left the logs, or it is too late for that; then all must be as it should. */
function comesToRest(world: World): boolean {
  const patientUntilMs = world.nowUs / 1_000 + restWithinMs;
  do {
    if (!world.pass(world.nowUs / 1_000 + lookEveryMs)) return false;
  } while (!world.oracle.isAtRest(world.machines) && world.nowUs / 1_000 < patientUntilMs);
  world.oracle.judgeQuiet(world.machines);
  return world.oracle.violations.length === 0;
}

/** The applications write, each by itself, until this instant. */
function keepWriting(world: World, round: number, untilMs: number): void {
  const times = new SeededRandom(world.options.seed, `writes ${round}`);
  const next = (): void => {
    const everyMs = world.options.writeEveryMs / world.machines.length;
    world.after(times.exponential(everyMs), () => {
      if (world.nowUs / 1_000 >= untilMs) return;
      times.pick(world.machines).write();
      next();
    });
  };
  next();
}

import { exchangeSettings } from "../../../shared/config/replication.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { type ConflictPolicy, isByColumn } from "../../../shared/domain/replication/conflict-policy.ts";
import type { ExchangeSettings } from "../../../shared/domain/replication/exchange-settings.ts";
import type { LogLimits } from "../../../shared/domain/replication/log-limits.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { Declared } from "./virtual-replica.ts";

/** Kinds of trouble; each is on or off for a whole seed, so that every mixture comes up (swarm testing). */
export const faultClasses = [
  "reset",
  "cut",
  "one-way",
  "kill",
  "crash-point",
  "power",
  "restore",
  "lock",
  "disk-full",
  "forged",
  "clock",
  "skew",
  "membership",
  "rot",
] as const;
export type FaultClass = (typeof faultClasses)[number];

/** Everything about one run that is drawn before it begins. */
export interface SimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly on: ReadonlySet<FaultClass>;
  readonly meanDelayMs: number;
  /** Whether the agents are told whose heartbeats arrive. */
  readonly hasHeartbeats: boolean;
  /** The applications' commits are on disk when they are done (synchronous=FULL), or only some time after (NORMAL, in WAL). */
  readonly isApplicationSynced: boolean;
  /** How long a disk takes, in the mean, to have what was committed. */
  readonly syncMs: number;
  /** As in production, but for how often the logs are sealed and pruned. */
  readonly settings: ExchangeSettings;
  /** How much of the logs is kept for members that are away: in some runs so little that they fall behind what is kept. */
  readonly logLimits: LogLimits;
  /** Own writes that are taken in at a time: in some runs so few that others' changes have to wait for them. */
  readonly ownEntriesMax: number;
  /** Log entries that a unit has, where it can end there: in some runs so few that what a node missed comes in many. */
  readonly unitEntriesMax: number;
  /** Changes that a frame holds at most; a unit may take several. */
  readonly frameChangesMax: number;
  /** What becomes of writes under a clock that is wrong. */
  readonly whenSkewed: "inhibit" | "hlc";
  /** Mean time between two transactions of one application. */
  readonly writeEveryMs: number;
  /** Mean time between two faults of one class. */
  readonly faultEveryMs: number;
  /** Keys and unique values to choose from: few of them meet often. */
  readonly keys: number;
  /** By which each replicated table settles conflicts: from the start, and from the middle of the first round on. */
  readonly declared: readonly [Declared, Declared];
  /** How long faults and writes go on before all is healed and must come to rest; once, or twice over. */
  readonly roundsMs: readonly number[];
}

/** For a new document to be everywhere, and for whoever joins by it to be heard. */
const untilDocumentIsKnownMs = 1_000;
const unlimited = Number.MAX_SAFE_INTEGER;

export function simulationOptions(seed: number, nodes?: number): SimulationOptions {
  const random = new SeededRandom(seed, "replication swarm");
  const skews = new SeededRandom(seed, "replication skew");
  const isSkewed = skews.chance(0.3);
  const rots = new SeededRandom(seed, "replication rot").chance(0.3);
  const logs = new SeededRandom(seed, "replication log limits");
  const slices = new SeededRandom(seed, "replication own slices");
  const units = new SeededRandom(seed, "replication units");
  const isShort = logs.chance(0.4);
  const on = new Set(faultClasses.filter((name) => (name === "rot" ? rots : name === "skew" ? isSkewed : random.chance(0.5))));
  return {
    seed,
    nodes: nodes ?? random.pick([2, 3, 3, 3, 3, 4, 5, random.between(2, 8)]),
    on,
    meanDelayMs: random.pick([0.5, 2, 10, 60]),
    hasHeartbeats: random.chance(0.7),
    isApplicationSynced: random.chance(0.4),
    syncMs: random.pick([5, 150, 600]),
    settings: {
      ...exchangeSettings,
      pruneEveryMs: random.pick([100, 400, 2_000]),
      sealEveryMs: random.pick([50, 300, 1_000]),
      sealAfterChanges: random.pick([3, 30]),
      ...(isShort ? { uncoveredPatienceMs: logs.pick([200, 1_000, exchangeSettings.uncoveredPatienceMs]) } : {}),
      clock: { skewMsMax: exchangeSettings.clock.skewMsMax, alignedForMs: skews.pick([100, 1_500]) },
    },
    logLimits: isShort
      ? {
          changesMax: logs.pick([2, 10, 40]),
          ageMsMax: logs.pick([300, 2_000, unlimited]),
          ageMsMin: on.has("membership") ? untilDocumentIsKnownMs : 0,
        }
      : { changesMax: unlimited, ageMsMax: unlimited, ageMsMin: unlimited },
    ownEntriesMax: slices.chance(0.3) ? slices.between(1, 3) : unlimited,
    unitEntriesMax: units.chance(0.4) ? units.pick([1, 2, 4, 10]) : unlimited,
    whenSkewed: skews.chance(0.7) ? "inhibit" : "hlc",
    frameChangesMax: random.pick([1, 3, 20]),
    writeEveryMs: random.pick([50, 100, 250]),
    faultEveryMs: random.pick([400, 800, 1_500]),
    keys: random.pick([3, 6, 12]),
    roundsMs: random.pick([[random.between(1_000, 3_000)], [random.between(800, 2_000), random.between(500, 1_500)]]),
    declared: drawDeclared(new SeededRandom(seed, "conflict policies")),
  };
}

/** Most tables keep what they began with; where it changes, nodes hear of it at different times. */
function drawDeclared(random: SeededRandom): readonly [Declared, Declared] {
  const first = { plain: drawPolicy(random), named: drawPolicy(random) };
  const second = { plain: drawNext(random, first.plain), named: drawNext(random, first.named) };
  return [carried(first), carried(second)];
}

/** Between `columns` and what asks for preferences or persons a table goes by way of `newest`, over more time than a run has. */
function drawNext(random: SeededRandom, first: ConflictPolicy): ConflictPolicy {
  if (!random.chance(0.2)) return first;
  const next = drawPolicy(random);
  return (isByColumn(first) && isRowRule(next)) || (isByColumn(next) && isRowRule(first)) ? { policy: "newest" } : next;
}

function isRowRule({ policy }: ConflictPolicy): boolean {
  return policy === "priority" || policy === "manual";
}

/** What writes carry: nothing where the newest stands. */
function carried(drawn: Readonly<Record<string, ConflictPolicy>>): Declared {
  return Object.fromEntries(Object.entries(drawn).filter(([, { policy }]) => policy !== "newest"));
}

/** Some nodes are not in the order, and some that are in it do not exist. */
function drawPolicy(random: SeededRandom): ConflictPolicy {
  const order = random.shuffled(["node_01", "node_02", "node_03", "node_04", "node_05"] as NodeId[]).slice(0, random.between(1, 5));
  return random.pick<ConflictPolicy>([
    { policy: "newest" },
    { policy: "columns" },
    { policy: "columns" },
    { policy: "priority", order },
    { policy: "manual" },
  ]);
}

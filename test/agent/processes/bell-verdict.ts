import { occurrenceId } from "../../../shared/domain/triggers/occurrence.ts";
import type { SentOccurrence } from "../../../shared/domain/triggers/sent-log.ts";
import type { Ring } from "./bell-receiver.ts";

/** What the nodes' logs say of a schedule, beside what its receiver has heard. */
export interface BellVerdict {
  readonly scheduled: number;
  /** Ids that never came. */
  readonly missed: readonly string[];
  /** Ids that came more than once, and by how many requests too many. */
  readonly doubled: readonly string[];
  readonly tooMany: number;
  /** Requests that came and stand in some node's log under no attempt of that server in that tenure. */
  readonly untold: readonly string[];
  /** Ids that some node's log does not call done. */
  readonly notDone: readonly string[];
  /** Nodes whose log differs from the first one's. */
  readonly differing: readonly string[];
  /** How often each server stands in the log. */
  readonly servers: Readonly<Record<string, number>>;
}

/** `scheduled`: ids; `logs`: of each node, by name. */
export function bellVerdict(
  scheduled: readonly string[],
  rings: readonly Ring[],
  logs: ReadonlyMap<string, readonly SentOccurrence[]>,
): BellVerdict {
  const wanted = new Set(scheduled);
  const heard = Map.groupBy(
    rings.filter(({ id }) => wanted.has(id)),
    ({ id }) => id,
  );
  const lines = [...logs].map(([name, log]) => ({ name, log: log.filter(({ id }) => wanted.has(id)) }));
  const told = lines.map(({ log }) => {
    const attempts = log.flatMap(({ attempts: of }) => of);
    return new Set(attempts.map((attempt) => words({ id: occurrenceId(attempt), node: attempt.node.name, epoch: attempt.epoch })));
  });
  const doubled = [...heard].filter(([, of]) => of.length > 1);
  const [first] = lines;
  return {
    scheduled: scheduled.length,
    missed: scheduled.filter((id) => !heard.has(id)),
    doubled: doubled.map(([id]) => id),
    tooMany: doubled.reduce((sum, [, of]) => sum + of.length - 1, 0),
    untold: [...new Set([...heard.values()].flat().map(words))].filter((ring) => told.some((set) => !set.has(ring))),
    notDone: scheduled.filter((id) => lines.some(({ log }) => log.find((line) => line.id === id)?.outcome !== "done")),
    differing: lines.filter(({ log }) => JSON.stringify(log) !== JSON.stringify(first?.log)).map(({ name }) => name),
    servers: countOf(first?.log ?? []),
  };
}

function words({ id, node, epoch }: Ring): string {
  return `${id} by ${node} in ${epoch}`;
}

function countOf(log: readonly SentOccurrence[]): Readonly<Record<string, number>> {
  const names = log.flatMap(({ attempts }) => attempts.map(({ node }) => node.name));
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, of]) => [name, of.length]));
}

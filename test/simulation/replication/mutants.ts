import type { ExchangeEffect } from "../../../shared/domain/replication/exchange-effects.ts";
import type { ExchangeEvent } from "../../../shared/domain/replication/exchange-events.ts";
import type { ExchangeState, ReplicaState } from "../../../shared/domain/replication/exchange-state.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { seqIn } from "../../../shared/domain/replication/version-vector.ts";
import type { Mutant } from "./mutant.ts";

/** Known bugs that the simulation must find; how long each takes tells how sharp it is. */
export const mutants: readonly Mutant[] = [
  {
    name: "acknowledged-before-written",
    bug: "A unit is acknowledged when it has come, and written some time later.",
    acknowledgesFirst: true,
  },
  { name: "told-before-synced", bug: "What is committed is told before the disk has it.", tellsUnsynced: true },
  {
    name: "vector-without-row",
    bug: "The vector moves on past a change whose row is not written.",
    skipsRow: ({ seq }) => seq % 17 === 0,
  },
  { name: "loser-not-journalled", bug: "The loser of a merge is dropped without a line in the journal.", forgets: "journal" },
  {
    name: "rival-forgotten",
    bug: "A write that lost is forgotten at once, though what it lost to may be overwritten by somebody who did not know it.",
    forgets: "rivals",
  },
  {
    name: "causality-ignored",
    bug: "A write's knowledge of the others is not minded: by a policy it loses to what it was made in knowledge of.",
    merges: (change) => ({ ...change, context: {} }),
  },
  {
    name: "policy-of-the-node",
    bug: "Each node settles a conflict by what is declared where it is, and not by what the writes say.",
    merges: ({ policy: _policy, ...change }) => change,
  },
  {
    name: "columns-not-minded",
    bug: "A write that changed some columns counts as one of the whole row.",
    merges: ({ written: _written, ...change }) => change,
  },
  {
    name: "columns-forgotten",
    bug: "Which write each column is of is forgotten at once: an earlier write of a column replaces a later one.",
    forgets: "columns",
  },
  { name: "open-conflict-pruned", bug: "A conflict that somebody is to decide is let go with the log.", prunesOpen: true },
  { name: "displaced-forgotten", bug: "A row that loses a unique value is not kept aside.", forgets: "displaced" },
  {
    name: "pruned-by-own-vector",
    bug: "The log lets go what this node has, whoever lacks it.",
    afterStep: ({ state, effects }) => effects.map((effect) => prunedTo(effect, ({ view }) => view.vector, state)),
  },
  {
    name: "pruned-without-the-absent",
    bug: "Members that have not been heard since the start do not count when the log lets go.",
    beforeStep: (state, event) => ({ state: { ...state, replicas: withEverybodyKnown(state) }, event }),
  },
  {
    name: "gap-accepted",
    bug: "A change is applied although one before it of its origin is missing.",
    admits: ({ origin, seq }, has) => (seq > seqIn(has, origin) ? { kind: "next" } : undefined),
  },
  {
    name: "cause-not-awaited",
    bug: "A change is applied before those that it was made in knowledge of.",
    admitsEarly: true,
  },
  {
    name: "own-not-awaited",
    bug: "What others wrote is merged although some of this node's own writes are not taken into account yet.",
    mergesBeforeOwn: true,
  },
  {
    name: "sealed-in-a-transaction",
    bug: "Own writes are sealed as far as they are taken into account, in the middle of a transaction, too.",
    sealsSlices: true,
  },
  {
    name: "unit-ends-anywhere",
    bug: "What a node missed comes in units of so many entries, which may end in the middle of a transaction.",
    endsUnitsAnywhere: true,
  },
  {
    name: "applied-twice",
    bug: "What comes again after a stream was lost is applied again.",
    admits: ({ origin, seq }, has) => (seq === seqIn(has, origin) ? { kind: "next" } : undefined),
  },
  { name: "number-used-again", bug: "A machine that was started anew goes on with the numbers that its disk says.", trustsItsDisk: true },
  {
    name: "sealed-not-minded",
    bug: "What a node has told of its own writes counts, whether or not its disk has them: others let go what it may lose.",
    beforeStep: (state, event) => {
      if (event.type !== "word") return { state, event };
      const { sealed: _sealed, ...word } = event.word;
      return { state, event: { ...event, word } };
    },
  },
  {
    name: "clock-not-moved",
    bug: "The clock does not move on by what is applied, so a later write may count as the earlier.",
    forgetsTime: true,
  },
  {
    name: "unit-torn",
    bug: "Every frame is applied by itself, as if each ended a transaction.",
    beforeStep: (state, event) => ({ state, event: event.type === "changes" ? { ...event, final: true } : event }),
  },
  {
    name: "uncovered-takes-part",
    bug: "A restored copy that lacks what the others have let go is taken for one that is merely behind, and goes on sending.",
    beforeStep: (state, event) => {
      if (event.type !== "word") return { state, event };
      const { pruned: _pruned, ...word } = event.word;
      return { state, event: { ...event, word } };
    },
  },
  {
    name: "document-ignored",
    bug: "A newer cluster document is not heeded: who is enrolled is not sent to.",
    beforeStep: (state, event) => ({ state, event: event.type === "document" ? nothingHappens(state) : event }),
  },
  {
    name: "half-open-kept",
    bug: "A stream on which nothing is heard any more is kept for ever.",
    beforeStep: (state, event) => ({ state, event: event.type === "tick" ? { ...event, silentMs: {} } : event }),
  },
  {
    name: "drift-judged-at-once",
    bug: "Rows are held against each other without waiting for what the other had merged, or minding what was written since.",
    judgesAtOnce: true,
  },
  { name: "drift-not-journalled", bug: "What a repair of drift replaces is dropped without a line in the journal.", forgets: "drift" },
  {
    name: "clock-believed",
    bug: "What a node writes while its clock is far ahead goes out under the times of that clock.",
    trustsItsClock: true,
  },
  {
    name: "withheld-sent",
    bug: "What is to wait until the clock is right is sent all the same.",
    afterStep: ({ effects }) => effects.map((effect) => (effect.type === "read" ? { ...effect, givenUpTo: null } : effect)),
  },
  {
    name: "clock-never-right-again",
    bug: "A clock that was wrong once counts as wrong for ever: what waits for it never goes out.",
    beforeStep: (state, event) => ({ state: { ...state, clocks: withoutCalm(state.clocks) }, event }),
  },
  { name: "nothing-carried-over", bug: "A fresh copy replaces what only this node has.", carriesNothing: true },
  {
    name: "versions-let-go",
    bug: "With entries beyond the log's limits goes what is known of their rows, which a member that was away has written too.",
    forgetsVersions: true,
  },
  {
    name: "let-go-alone",
    bug: "Beyond its limits a log lets go what only this node has, and a fresh copy is taken of anybody.",
    copiesAnybody: true,
    afterStep: ({ state, effects }) =>
      effects.map((effect) => {
        const replica = effect.type === "let-go" ? state.replicas[effect.dataSet] : undefined;
        return effect.type === "let-go" && replica !== undefined ? { ...effect, spare: replica.view.vector } : effect;
      }),
  },
  { name: "lie-believed", bug: "A change that contradicts itself is applied.", believes: true },
  { name: "local-table-captured", bug: "The rows of a local table are captured like all others.", capturesPrivate: true },
  { name: "local-table-copied", bug: "A joining node's copy takes along what is local.", copiesPrivate: true },
];

function nothingHappens({ self }: ExchangeState): ExchangeEvent {
  return { type: "lost", peer: self, stream: -1, reason: "there was none" };
}

function withoutCalm({ suspects, dispute, ...clocks }: ExchangeState["clocks"]): ExchangeState["clocks"] {
  const restless = Object.entries(suspects).map(([node, doubt]) => [node, { ...doubt, calmSinceMs: null }] as const);
  return { ...clocks, suspects: Object.fromEntries(restless), dispute: dispute === null ? null : { ...dispute, calmSinceMs: null } };
}

function withEverybodyKnown({ replicas, order }: ExchangeState): ExchangeState["replicas"] {
  const known = ({ view, known }: ReplicaState) => Object.fromEntries(order.map((node) => [node, known[node] ?? view.vector]));
  return Object.fromEntries(Object.entries(replicas).map(([dataSet, replica]) => [dataSet, { ...replica, known: known(replica) }]));
}

function prunedTo(effect: ExchangeEffect, stable: (replica: ReplicaState) => VersionVector, { replicas }: ExchangeState): ExchangeEffect {
  const replica = effect.type === "prune" ? replicas[effect.dataSet] : undefined;
  return effect.type === "prune" && replica !== undefined ? { ...effect, stable: stable(replica) } : effect;
}

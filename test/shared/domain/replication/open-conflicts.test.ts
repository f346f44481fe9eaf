import { expect, it } from "vitest";
import { exchangeSettings } from "../../../../shared/config/replication.ts";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { exchange } from "../../../../shared/domain/replication/exchange.ts";
import type { ExchangeEvent } from "../../../../shared/domain/replication/exchange-events.ts";
import { initialExchange, type ReplicaView } from "../../../../shared/domain/replication/exchange-state.ts";

const node = "node_a" as NodeId;
const dataSet = "application";
const { signOfLifeMs, tellOpenEveryMs } = exchangeSettings;

const view: ReplicaView = {
  path: "/data/application.sqlite",
  following: true,
  lineage: "one",
  vector: {},
  durable: {},
  origin: null,
  sealed: 0,
  pruned: {},
  settled: {},
  held: {},
  schema: "",
  logEnd: 0,
  opening: 1,
  conflicts: 0,
  openConflicts: 0,
  whenSkewed: "inhibit",
};

/** What a node tells about conflicts that wait, while time passes. */
class Teller {
  #state = initialExchange(node, [node, "node_b" as NodeId], exchangeSettings, 0);
  #nowMs = 0;

  /** How many were told of, each time that it was told. */
  toldIn(ms: number, openConflicts: number): readonly number[] {
    const told = this.#take({ type: "replica", dataSet, view: { ...view, openConflicts } });
    for (const untilMs = this.#nowMs + ms; this.#nowMs < untilMs; this.#nowMs += signOfLifeMs)
      told.push(...this.#take({ type: "tick", silentMs: {}, wallMs: 0 }));
    return told;
  }

  #take(event: ExchangeEvent): number[] {
    const { state, effects } = exchange(this.#state, event, this.#nowMs);
    this.#state = state;
    return effects.flatMap((effect) =>
      effect.type === "report" && effect.detail.kind === "replication.conflicts-open" ? [effect.detail.open] : [],
    );
  }
}

it("conflicts that wait for a decision are told of soon, and more of them once a minute", () => {
  const teller = new Teller();
  expect(teller.toldIn(5_000, 0)).toEqual([]);
  expect(teller.toldIn(5_000, 2)).toEqual([2]);
  expect(teller.toldIn(5_000, 3)).toEqual([]);
  expect(teller.toldIn(tellOpenEveryMs, 7)).toEqual([7]);
  expect(teller.toldIn(2 * tellOpenEveryMs, 7)).toEqual([]);
});

it("fewer of them are no news, and one more after that is", () => {
  const teller = new Teller();
  expect(teller.toldIn(2 * tellOpenEveryMs, 3)).toEqual([3]);
  expect(teller.toldIn(2 * tellOpenEveryMs, 0)).toEqual([]);
  expect(teller.toldIn(5_000, 1)).toEqual([1]);
});

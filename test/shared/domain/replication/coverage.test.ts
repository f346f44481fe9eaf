import { expect, it } from "vitest";
import { exchangeSettings } from "../../../../shared/config/replication.ts";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import { exchange } from "../../../../shared/domain/replication/exchange.ts";
import type { ExchangeEffect } from "../../../../shared/domain/replication/exchange-effects.ts";
import type { ExchangeEvent } from "../../../../shared/domain/replication/exchange-events.ts";
import { initialExchange, type ReplicaView, type Word } from "../../../../shared/domain/replication/exchange-state.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";

const [a, b, c] = ["node_a", "node_b", "node_c"] as NodeId[] as [NodeId, NodeId, NodeId];
const [own, foreign] = ["node_a:1", "node_b:1"] as OriginId[] as [OriginId, OriginId];
const dataSet = "application";

/** Node a's exchange, with a stream to b and to c. */
class Exchange {
  #state = initialExchange(a, [a, b, c], exchangeSettings, 0);
  #nowMs = 0;

  constructor(vector: VersionVector, pruned: VersionVector = {}) {
    const view: ReplicaView = {
      path: "/data/application.sqlite",
      following: true,
      lineage: "one",
      vector,
      durable: vector,
      origin: own,
      held: {},
      sealed: 0,
      pruned,
      settled: {},
      schema: "",
      logEnd: 3,
      opening: 1,
      conflicts: 0,
      openConflicts: 0,
      whenSkewed: "inhibit",
    };
    this.#take({ type: "replica", dataSet, view });
    for (const [stream, peer] of [b, c].entries()) this.#take({ type: "opened", peer, stream, openedBy: "peer", path: null });
    this.#take({ type: "tick", silentMs: {}, wallMs: 0 });
    const pulse = { sentMs: 0, echo: { sentMs: 0, heldMs: 0 }, clocks: {}, ages: {} };
    for (const [stream, peer] of [b, c].entries()) this.#take({ type: "pulse", peer, stream, wallMs: 0, pulse });
  }

  /** `settled`: of `pruned` what every member had. */
  hears(peer: NodeId, vector: VersionVector, pruned: VersionVector, settled: VersionVector = pruned): readonly ExchangeEffect[] {
    const word: Word = {
      schema: "",
      lineage: "one",
      hasDatabase: true,
      vector,
      pruned,
      settled,
      known: {},
      resend: false,
      runningMs: 0,
      holding: false,
    };
    return this.#take({ type: "word", peer, stream: peer === b ? 0 : 1, dataSet, word });
  }

  passes(ms: number): readonly ExchangeEffect[] {
    const untilMs = this.#nowMs + ms;
    const effects: ExchangeEffect[] = [];
    while (this.#nowMs < untilMs) {
      this.#nowMs += 100;
      effects.push(...this.#take({ type: "tick", silentMs: {}, wallMs: 0 }));
    }
    return effects;
  }

  #take(event: ExchangeEvent): readonly ExchangeEffect[] {
    const { state, effects } = exchange(this.#state, event, this.#nowMs);
    this.#state = state;
    return effects;
  }
}

function of(type: ExchangeEffect["type"], effects: readonly ExchangeEffect[]): readonly ExchangeEffect[] {
  return effects.filter((effect) => effect.type === type);
}

const has = { [own]: 3, [foreign]: 5 };
const beyond = { [own]: 3, [foreign]: 9 };

it("who lacks what is gone from every log sends nothing, waits for somebody who still has it, and then says that it takes a fresh copy", () => {
  const node = new Exchange(has);
  const heard = [...node.hears(b, beyond, { [foreign]: 8 }), ...node.hears(c, beyond, { [foreign]: 8 })];
  const waited = node.passes(exchangeSettings.uncoveredPatienceMs - 500);
  expect(of("read", [...heard, ...waited])).toEqual([]);
  expect(of("refuse", waited)).toEqual([]);
  expect(of("refuse", node.passes(2_000))).toMatchObject([{ dataSet, reason: expect.stringContaining("takes a fresh copy") }]);
});

it("one peer that still has it in its log is enough: nothing is refused, and it is waited for", () => {
  const node = new Exchange(has);
  node.hears(b, beyond, { [foreign]: 8 });
  node.hears(c, beyond, { [foreign]: 5 });
  expect(of("refuse", node.passes(3 * exchangeSettings.uncoveredPatienceMs))).toEqual([]);
});

it("what is gone from the logs and is here already hinders nothing", () => {
  const node = new Exchange(has);
  const heard = [...node.hears(b, { [foreign]: 5 }, { [foreign]: 5 }), ...node.hears(c, has, has)];
  expect(of("read", heard).length).toBeGreaterThan(0);
  expect(of("refuse", node.passes(3 * exchangeSettings.uncoveredPatienceMs))).toEqual([]);
});

it("what the others let go although this node lacked it: it goes on sending, waits for somebody who still has it, and then takes a fresh copy by itself", () => {
  const node = new Exchange(has);
  const heard = [...node.hears(b, beyond, { [foreign]: 8 }, {}), ...node.hears(c, beyond, { [foreign]: 8 }, {})];
  expect(of("read", heard).length).toBeGreaterThan(0);
  expect(of("resync", node.passes(exchangeSettings.uncoveredPatienceMs - 500))).toEqual([]);
  const waited = node.passes(2_000);
  expect(of("resync", waited)).toEqual([{ type: "resync", dataSet, donors: [b, c] }]);
  expect(of("refuse", waited)).toEqual([]);
});

it("asks again for as long as there is no copy", () => {
  const node = new Exchange(has);
  for (const peer of [b, c]) node.hears(peer, beyond, { [foreign]: 8 }, {});
  expect(of("resync", node.passes(3 * exchangeSettings.uncoveredPatienceMs)).length).toBe(2);
});

it("takes no copy of a node that lacks what this one has let go, or what another has", () => {
  const node = new Exchange({ [own]: 9, [foreign]: 5 }, { [own]: 7 });
  node.hears(b, { [own]: 6, [foreign]: 9 }, { [foreign]: 9 }, {});
  node.hears(c, { [own]: 7, [foreign]: 8 }, { [foreign]: 8 }, {});
  expect(of("resync", node.passes(1.5 * exchangeSettings.uncoveredPatienceMs))).toEqual([{ type: "resync", dataSet, donors: [] }]);
  node.hears(c, { [own]: 7, [foreign]: 9 }, { [foreign]: 8 }, {});
  expect(of("resync", node.passes(1.5 * exchangeSettings.uncoveredPatienceMs))).toEqual([{ type: "resync", dataSet, donors: [c] }]);
});

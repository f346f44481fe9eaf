import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { GatewayAnswer } from "../../../../shared/domain/failover/lookout.ts";
import { mayGoOnAlone } from "../../../../shared/domain/failover/sole-note.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import type { Resource } from "../../../../shared/domain/membership/resource.ts";
import { a, b, documentOf, group, TestNode } from "./test-node.ts";

const address: Resource = { kind: "address", name: "front", address: "192.0.2.200/24" };

function probing(resources: readonly Resource[]): ClusterDocument {
  const document = documentOf([a, b]);
  return { ...document, groups: document.groups.map((one) => ({ ...one, resources })), whenAlone: "probe" };
}

type Probe = Extract<Effect, { type: "probe" }>;

function probesIn(effects: readonly Effect[]): readonly Probe[] {
  return effects.filter((effect) => effect.type === "probe");
}

/** Time passes, and each probe is answered at once. */
function look(node: TestNode, ms: number, answer: { readonly held: boolean; readonly gateway: GatewayAnswer }): readonly Effect[] {
  const effects: Effect[] = [];
  for (const endMs = node.nowMs + ms; node.nowMs < endMs; ) {
    const passed = node.pass(10);
    const answers = probesIn(passed).flatMap(({ askedAtUs, groups }) =>
      node.take({ type: "probed", askedAtUs, answered: answer.held ? groups : [], gateway: answer.gateway }),
    );
    effects.push(...passed, ...answers);
  }
  return effects;
}

/** Has agreed that b may go on alone, and does not hear it any more. */
function left(document: ClusterDocument = probing([address])): TestNode {
  const node = new TestNode([a, b], { grants: [] }, document);
  const beat = node.beatOf(b);
  node.hears({ ...beat, groups: beat.groups.map((told) => ({ ...told, state: "operational", epoch: 3, soleWish: 1 })) });
  return node;
}

const silence = { held: false, gateway: "answers" } as const;

describe("one of two nodes that does not hear the other one looks at the LAN", () => {
  it("asks nothing while it hears the other one; then with every heartbeat, and never while an answer is awaited", () => {
    const node = left();
    expect(probesIn(node.pass(400))).toEqual([]);
    expect(probesIn(node.pass(500))).toHaveLength(1);
    const asked = probesIn(look(node, 1_000, silence));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(12);
  });

  it("nobody answers for the addresses, a gateway does, for one T on end: goes on alone", () => {
    const node = left();
    const effects = look(node, 1_500, silence);
    expect(mayGoOnAlone(node.state, group)).toBe(true);
    expect(effects).toContainEqual({ type: "report", detail: expect.objectContaining({ kind: "group.claimed", by: "probe", from: b }) });
    expect(effects).toContainEqual({ type: "start-resources", group, epoch: expect.any(Number) });
  });

  it.each([
    ["somebody answers for an address", { held: true, gateway: "answers" }],
    ["no gateway answers", { held: false, gateway: "silent" }],
    ["this machine knows no gateway", { held: false, gateway: "none" }],
  ] as const)("%s: takes nothing over", (_what, answer) => {
    const node = left();
    look(node, 10_000, answer);
    expect(["isolated", "standby"]).toContain(node.groupState);
    expect(mayGoOnAlone(node.state, group)).toBe(false);
  });

  it.each([
    {
      what: "one answer in between, and the wait begins anew",
      quietMs: 900,
      otherwiseMs: 100,
      otherwise: { held: true, gateway: "answers" },
    },
    {
      what: "silence counts only from the instant at which a gateway answers again",
      quietMs: 0,
      otherwiseMs: 2_000,
      otherwise: { held: false, gateway: "silent" },
    },
  ] as const)("$what", ({ quietMs, otherwiseMs, otherwise }) => {
    const node = left();
    look(node, quietMs, silence);
    look(node, otherwiseMs, otherwise);
    look(node, 500, silence);
    expect(mayGoOnAlone(node.state, group)).toBe(false);
    look(node, 300, silence);
    expect(mayGoOnAlone(node.state, group)).toBe(true);
  });

  it("an answer to an earlier question, or one that nobody asked, changes nothing", () => {
    const node = left();
    node.pass(500);
    const before = node.state.lookout;
    node.take({ type: "probed", askedAtUs: 1, answered: [], gateway: "answers" });
    expect(node.state.lookout).toEqual(before);
  });

  it("answers that stay away: asks again after one T, and takes nothing over", () => {
    const node = left();
    expect(probesIn(node.pass(3_000)).length).toBeGreaterThan(2);
    expect(mayGoOnAlone(node.state, group)).toBe(false);
  });

  it("a group without an address is for an operator to take over", () => {
    const node = left(probing([]));
    look(node, 5_000, silence);
    expect(mayGoOnAlone(node.state, group)).toBe(false);
    expect(node.state.groups[group]?.reason).toContain("no address to probe");
  });

  it("an operator's word does not count while somebody answers for the address", () => {
    const node = left();
    look(node, 2_000, { held: true, gateway: "answers" });
    expect(node.take({ type: "takeover", group, reason: "the other one has burnt" })).toContainEqual({
      type: "report",
      detail: { kind: "group.takeover-refused", group, reason: "somebody answers for the group's addresses" },
    });
  });

  it("the other one is heard again: what was found is forgotten", () => {
    const node = left();
    look(node, 900, silence);
    node.hears(node.beatOf(b));
    expect(node.state.lookout).toBeNull();
  });

  it("the operational one steps down where no gateway answers it for one T, and says why; it takes nothing while that lasts", () => {
    const node = new TestNode([a, b], { grants: [] }, probing([address]));
    node.becomeOperational();
    const beat = node.beatOf(b);
    node.hears({ ...beat, groups: beat.groups.map((told) => ({ ...told, sole: { number: 1, node: a } })) });
    expect(mayGoOnAlone(node.state, group)).toBe(true);
    look(node, 900, { held: false, gateway: "silent" });
    expect(node.groupState).toBe("operational");
    const effects = look(node, 400, { held: false, gateway: "silent" });
    expect(effects).toContainEqual({
      type: "report",
      detail: expect.objectContaining({ kind: "group.stepped-down", reason: expect.stringContaining("cut off") }),
    });
    const { epoch = 0 } = node.state.groups[group] ?? {};
    node.take({ type: "resources-stopped", group, epoch });
    look(node, 3_000, { held: false, gateway: "silent" });
    expect(node.groupState).toBe("safe-halt");
    look(node, 1_500, silence);
    expect(node.groupState).toBe("starting");
  });

  it("without any gateway of its own the operational one goes on", () => {
    const node = new TestNode([a, b], { grants: [] }, probing([address]));
    node.becomeOperational();
    const beat = node.beatOf(b);
    node.hears({ ...beat, groups: beat.groups.map((told) => ({ ...told, sole: { number: 1, node: a } })) });
    look(node, 5_000, { held: false, gateway: "none" });
    expect(node.groupState).toBe("operational");
  });
});

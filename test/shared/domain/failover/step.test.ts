import { describe, expect, it } from "vitest";
import { a, b, c, documentOf, group, requestsIn, sentIn, TestNode } from "./test-node.ts";

describe("a candidate", () => {
  it("promises its vote to itself first, asks all others, and starts when a majority has granted", () => {
    const node = new TestNode();
    const asked = [...node.hears(node.beatOf(b)), ...node.hears(node.beatOf(c)), ...node.pass(10)];
    const [request] = requestsIn(asked);
    expect(requestsIn(asked)).toMatchObject([{ epoch: 1 }, { epoch: 1 }]);
    expect(node.state.grants[group]).toMatchObject({ to: a, epoch: 1 });
    if (request === undefined) throw new Error("no request");
    const won = node.hears(node.grantOf(b, request));
    expect(won).toContainEqual({ type: "start-resources", group, epoch: 1 });
  });

  it("counts the lease from before it asked, however late the answer (rule 2)", () => {
    const node = new TestNode();
    const asked = [...node.hears(node.beatOf(b)), ...node.pass(10)];
    const [request] = requestsIn(asked);
    const askedAtMs = node.nowMs - 10;
    node.pass(150);
    if (request === undefined) throw new Error("no request");
    const won = node.hears(node.grantOf(b, request));
    expect(won).toContainEqual({ type: "hold-until", group, epoch: 1, untilUs: (askedAtMs + 600 - 62) * 1_000 });
  });

  it("does not ask where it hears nobody", () => {
    const node = new TestNode();
    expect(requestsIn(node.pass(2_000))).toEqual([]);
  });

  it("does not ask while its peers do not hear it (one-way cut)", () => {
    const node = new TestNode();
    for (let beat = 0; beat < 10; beat += 1) {
      node.hears(node.beatOf(b, { lastHeard: [] }));
      expect(requestsIn(node.pass(100))).toEqual([]);
    }
  });
});

describe("a holder", () => {
  it("that hears no more answers stops its resources before its lease ends, and gives nothing back until they are down", () => {
    const node = new TestNode();
    node.becomeOperational();
    expect(node.groupState).toBe("operational");
    const effects = node.pass(350);
    const stop = effects.find((effect) => effect.type === "stop-resources");
    expect(node.groupState).toBe("stepping-down");
    expect(stop).toMatchObject({ type: "stop-resources", epoch: 1 });
    if (stop?.type !== "stop-resources") throw new Error("no stop");
    expect(stop.deadlineUs).toBeGreaterThan(node.nowMs * 1_000);
    expect(sentIn(effects).filter((message) => message.type === "lease-release")).toEqual([]);
    const down = node.take({ type: "resources-stopped", group, epoch: 1 });
    expect(sentIn(down).filter((message) => message.type === "lease-release")).toHaveLength(2);
  });

  it("whose guardian never answers lets the lease run out, and gives nothing back", () => {
    const node = new TestNode();
    node.becomeOperational();
    const effects = node.pass(1_000);
    expect(node.groupState).not.toBe("stepping-down");
    expect(sentIn(effects).filter((message) => message.type === "lease-release")).toEqual([]);
  });

  it("whose guardian does not answer a planned stop gives up its lease after the time for it", () => {
    const node = new TestNode();
    node.becomeOperational();
    node.take({ type: "switchover", group, to: b, reason: "tried" });
    expect(node.groupState).toBe("handing-over");
    const states = new Set<string>();
    for (let beat = 0; beat < 110; beat += 1) {
      for (const request of requestsIn(node.pass(100)).slice(0, 1)) node.hears(node.grantOf(b, request));
      node.hears(node.beatOf(b));
      states.add(node.groupState);
    }
    expect([...states]).toContain("stepping-down");
  });

  it("that is no longer in the document stops at once", () => {
    const node = new TestNode();
    node.becomeOperational();
    const effects = node.take({ type: "document", document: documentOf([b, c], 2) });
    expect(effects.filter((effect) => effect.type === "stop-resources")).toHaveLength(1);
    node.take({ type: "resources-stopped", group, epoch: 1 });
    expect(node.groupState).toBe("left");
  });

  it("refuses a switchover to a node that is not heard, and says why", () => {
    const node = new TestNode();
    node.becomeOperational();
    const effects = node.take({ type: "switchover", group, to: c, reason: "tried" });
    expect(effects).toContainEqual({
      type: "report",
      detail: { kind: "group.switchover-refused", group, reason: `${c} cannot take the group now: it is not heard` },
    });
    expect(node.groupState).toBe("operational");
  });

  it("that learns from a peer that it has gone back in time stops at once and takes a higher incarnation (rule 9)", () => {
    const node = new TestNode();
    node.becomeOperational();
    const lastHeard = [{ node: a, ageUs: 0, incarnation: 7, sequence: 3, quarantineUs: 0, readmissions: 0 }];
    const effects = node.hears(node.beatOf(b, { lastHeard }));
    expect(effects).toContainEqual(expect.objectContaining({ type: "stop-resources", deadlineUs: node.nowMs * 1_000 }));
    expect(node.state.incarnation).toBe(8);
    expect(sentIn(node.hears(node.requestOf(b, { epoch: 9 })))).toMatchObject([{ reason: "just-started" }]);
  });
});

it("a cluster of one node governs itself", () => {
  const node = new TestNode([a]);
  const effects = [...node.pass(20)];
  const start = effects.find((effect) => effect.type === "start-resources");
  expect(start ?? node.groupState).toBeDefined();
  node.take({ type: "resources-started", group, epoch: 1, addresses: [] });
  node.pass(5_000);
  expect(node.groupState).toBe("operational");
});

it("an agent that ends hands its groups over, and then says that nothing is held", () => {
  const node = new TestNode();
  node.becomeOperational();
  node.take({ type: "shutdown", reason: "upgrade" });
  expect(node.groupState).toBe("handing-over");
  const effects = node.take({ type: "resources-stopped", group, epoch: 1 });
  expect(effects).toContainEqual({ type: "released-everything" });
  expect(node.take({ type: "tick" })).toEqual([]);
});

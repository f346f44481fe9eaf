import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { neverTwo } from "../never-two.ts";

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.create(2, {}, { hasWitness: true });
  await cluster.startAll();
}, 60_000);
afterAll(async () => {
  await cluster.end();
  expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
});

describe("two nodes and a witness, as processes", () => {
  it("the witness grants and does nothing else: no data, no service, no candidacy", async () => {
    await cluster.operational();
    const status = await cluster.until(
      "witness",
      ({ groups, peers }) => groups[0]?.state === "standby" && peers.every(({ reachable }) => reachable),
    );
    expect(status.node).toMatchObject({ name: "witness", role: "witness" });
    expect(status.groups).toMatchObject([{ ineligible: "this node is not in the group's order" }]);
    expect(status.dataSets).toEqual([]);
    const { stdout } = await cluster.command("node-a", "status");
    expect(stdout).toMatch(/^witness \(witness\)\s+yes/m);
  });

  it("the witness dies: the group stays where it is; it is back, and votes again after its silence", async () => {
    const holder = await cluster.operational();
    const { epoch } = await cluster.groupOf(holder);
    cluster.agent("witness").kill("SIGKILL");
    await cluster.until(holder, ({ peers }) => peers.some(({ role, reachable }) => role === "witness" && !reachable));
    expect(await cluster.groupOf(holder)).toMatchObject({ state: "operational", epoch });
    await cluster.start("witness");
    await cluster.until("witness", ({ groups }) => groups[0]?.state === "standby");
    expect(await cluster.groupOf(holder)).toMatchObject({ state: "operational", epoch });
  });

  it("the operational node dies: the other takes over with the vote of the witness", async () => {
    const holder = await cluster.operational();
    const other = holder === "node-a" ? "node-b" : "node-a";
    cluster.agent(holder).kill("SIGKILL");
    expect(await cluster.answersFrom([other], 10_000)).toBe(other);
    const { peers, groups } = await cluster.until(other, (status) => status.groups[0]?.state === "operational");
    expect(groups[0]?.holderName).toBe(other);
    expect(peers.filter(({ reachable }) => reachable).map(({ name }) => name)).toEqual(["witness"]);
    expect(cluster.logOf(other)).toContain("2 of 3 votes");
  });

  it("the dead node is back: the group stays, on the nodes' own votes", async () => {
    const holder = await cluster.operational();
    const dead = holder === "node-a" ? "node-b" : "node-a";
    await cluster.start(dead);
    await cluster.until(dead, ({ groups }) => groups[0]?.state === "standby");
    cluster.agent("witness").kill("SIGKILL");
    await cluster.until(holder, ({ peers }) => peers.some(({ role, reachable }) => role === "witness" && !reachable));
    expect((await cluster.groupOf(holder)).state).toBe("operational");
  });
});

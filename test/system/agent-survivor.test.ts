import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { neverTwo } from "../never-two.ts";

let cluster: LocalCluster;
let survivor: string;
let other: string;
beforeAll(async () => {
  cluster = await LocalCluster.create(2, { whenAlone: "survivor" });
  await cluster.startAll();
  survivor = await cluster.operational();
  other = survivor === "node-a" ? "node-b" : "node-a";
}, 60_000);
afterAll(async () => {
  await cluster.end();
  expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
});

/** Like a machine that loses its power. */
function destroy(name: string): void {
  cluster.agent(name).kill("SIGKILL");
  for (const pid of cluster.processesOf(name)) process.kill(pid, "SIGKILL");
}

describe("two nodes of which one may go on alone (whenAlone: survivor), as processes", () => {
  it("while the other one is heard, nobody takes over at an operator's word", async () => {
    const { code, stderr } = await cluster.command(other, "takeover", "--group", "default", "--reason", "just so");
    expect(code).toBe(19);
    expect(stderr).toContain(`${survivor} is heard: move the group with understudy agent switchover`);
  });

  it("the standby dies: the operational node goes on, under its epoch, and says that another loss may stop the service", async () => {
    const { epoch } = await cluster.groupOf(survivor);
    destroy(other);
    await cluster.until(survivor, ({ peers }) => peers.every(({ reachable }) => !reachable));
    // Longer than any lease.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await cluster.groupOf(survivor)).toMatchObject({ state: "operational", epoch });
    expect(cluster.logOf(survivor)).toContain("reaches only 1 of 2 voters");
  });

  it("its own agent starts anew, alone: it knows from its disk that it may go on", async () => {
    destroy(survivor);
    await cluster.start(survivor);
    expect(await cluster.answersFrom([survivor], 10_000)).toBe(survivor);
  });

  it("it dies while both were there: the other one stays out of it until an operator has it take over, with the reason in the event", async () => {
    await cluster.start(other);
    await cluster.until(other, ({ groups }) => groups[0]?.state === "standby" && groups[0].holderName === survivor);
    destroy(survivor);
    const { groups } = await cluster.until(other, (status) => status.groups[0]?.state === "isolated");
    expect(groups[0]?.reason).toContain("if it is surely down, take over here: understudy agent takeover");
    const { code, stdout } = await cluster.command(other, "takeover", "--group", "default", "--reason", "it has burnt", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ group: "default", holder: (await cluster.status(other)).node.nodeId });
    expect(cluster.logOf(other)).toContain("because an operator says so: it has burnt");
  });

  it("the dead one is back: it learns who may go on alone now, and is the standby", async () => {
    await cluster.start(survivor);
    await cluster.until(survivor, ({ groups }) => groups[0]?.state === "standby" && groups[0].holderName === other, 20_000);
    expect((await cluster.groupOf(other)).state).toBe("operational");
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalCluster } from "../agent/processes/local-cluster.ts";

/*
 * Three real agents on loopback, with a signed document that the test made, and no cloud at all: the cloud being away is the
 * normal case to survive. Timing profile `default`: T is 600 ms.
 */
describe("agents without a cloud", () => {
  let cluster: LocalCluster;

  beforeEach(async () => {
    cluster = await LocalCluster.create(3);
    await cluster.startAll();
    expect(await cluster.operational()).toBe("node-a");
  });
  afterEach(() => cluster.end());

  it("the operational node is killed with -9: another one answers, the epoch has grown, and the node that returns stays standby", async () => {
    const before = await cluster.groupOf("node-b");
    const killedMs = performance.now();
    cluster.agent("node-a").kill("SIGKILL");
    expect(await cluster.answersFrom(["node-b", "node-c"], 5_000)).toBe("node-b");
    const outageMs = performance.now() - killedMs;
    expect(outageMs).toBeLessThan(2_500);
    const after = await cluster.groupOf("node-b");
    expect(after).toMatchObject({ state: "operational", holderName: "node-b" });
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(cluster.overlaps()).toEqual([]);

    await cluster.start("node-a");
    await cluster.until("node-a", ({ groups }) => groups[0]?.holderName === "node-b" && groups[0].state === "standby");
    expect(await cluster.answersFrom(["node-a", "node-b", "node-c"], 1_000)).toBe("node-b");
    expect(cluster.logOf("node-b")).toMatch(/node-b took over group default: node-a silent for \d+ ms, 2 of 3 votes/);
  });

  it("the operational agent is frozen: its service is down before another node starts it, and the agent that thaws is standby", async () => {
    cluster.agent("node-a").kill("SIGSTOP");
    expect(await cluster.answersFrom(["node-b", "node-c"], 5_000)).toBe("node-b");
    expect(cluster.overlaps()).toEqual([]);
    cluster.agent("node-a").kill("SIGCONT");
    await cluster.until("node-a", ({ groups }) => groups[0]?.holderName === "node-b" && groups[0].state === "standby");
    expect(cluster.overlaps()).toEqual([]);
  });

  it("the guardian of the operational node is killed with -9: the service runs again, on one node, and the log says why", async () => {
    const { node } = await cluster.status("node-a");
    process.kill(node.guardianPid ?? 0, "SIGKILL");
    await cluster.until("node-a", ({ node: { guardianPid } }) => guardianPid !== null && guardianPid !== node.guardianPid);
    await cluster.answersFrom(["node-a", "node-b", "node-c"], 10_000);
    expect(cluster.logOf("node-a")).toMatch(/the guardian process was ended by SIGKILL/);
    expect(cluster.overlaps()).toEqual([]);
  });

  it("the service dies: the group moves to another node, and the event has the service's last words", async () => {
    cluster.killService("node-a");
    expect(await cluster.answersFrom(["node-b", "node-c"], 5_000)).toBe("node-b");
    expect(cluster.logOf("node-a")).toMatch(/service sample of group default failed on node-a: it was ended by SIGKILL/);
    expect(cluster.overlaps()).toEqual([]);
  });

  it("SIGTERM: the group is handed over before the agent ends, and no process is left", async () => {
    const askedMs = performance.now();
    expect(await cluster.stop("node-a")).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    expect(cluster.processesOf("node-a")).toEqual([]);
    expect(await cluster.answersFrom(["node-b", "node-c"], 2_000)).toBe("node-b");
    expect(cluster.logOf("node-b")).toMatch(/node-b took group default over from node-a as planned/);
    expect(cluster.overlaps()).toEqual([]);
  });

  it("switchover by command: the group is where the operator wants it", async () => {
    const { code, stdout } = await cluster.command("node-a", "switchover", "--group", "default", "--to", "node-c", "--json");
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, group: "default" });
    expect(await cluster.answersFrom(["node-c"], 2_000)).toBe("node-c");
    expect(await cluster.command("node-b", "switchover", "--group", "default", "--to", "node-a")).toMatchObject({
      code: 14,
      stderr: expect.stringMatching(/group default is on node-c: run the command there/) as string,
    });
    expect(cluster.overlaps()).toEqual([]);
  });

  it("a second agent on the same data directory is refused, and the first goes on", async () => {
    expect(await cluster.command("node-a", "run")).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(/Another agent is running/) as string,
    });
    expect(await cluster.answersFrom(["node-a"], 1_000)).toBe("node-a");
  });
});

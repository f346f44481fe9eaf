import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Begun, lastingCluster } from "../agent/processes/lasting-cluster.ts";
import type { LocalCluster } from "../agent/processes/local-cluster.ts";
import { otherVersion } from "../agent/processes/other-version.ts";
import { SteadyCaller } from "../agent/processes/steady-caller.ts";
import { neverTwo } from "../never-two.ts";

/*
 * The agent of a node is started anew while what it runs goes on: three real agents on loopback, and a client that calls all the while.
 */
describe("an agent that is started anew", () => {
  let cluster: LocalCluster;
  let holder = "";
  let others: string[] = [];
  let caller: SteadyCaller;
  let said: Begun["said"];
  lastingCluster((begun) => {
    ({ cluster, holder, others, said } = begun);
    caller = new SteadyCaller(cluster.serviceUrlOf(holder));
  });
  afterEach(() => caller.stop());

  const detach = async (name: string): Promise<void> => {
    const { code, stdout, stderr } = await cluster.command(name, "detach", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ backWithinMs: expect.any(Number) });
  };
  const isWhereItWas = async (before: { epoch: number; guardianPid: number | null; incarnation: number }): Promise<void> => {
    const { node, groups } = await cluster.until(
      holder,
      ({ node: { guardianPid }, groups: [line] }) => guardianPid !== null && line?.state === "operational" && line.ineligible === null,
    );
    expect(groups[0]).toMatchObject({ state: "operational", epoch: before.epoch });
    expect(node).toMatchObject({ guardianPid: before.guardianPid, incarnation: before.incarnation });
  };

  it("restarted, upgraded and restarted again under traffic: no call fails, nothing moves, and a crash later is noticed as ever", async () => {
    const { node, groups } = await cluster.status(holder);
    const before = { epoch: groups[0]?.epoch ?? 0, guardianPid: node.guardianPid, incarnation: node.incarnation };
    const processes = cluster.processesOf(holder);
    const upgrade = otherVersion("9.9.9");
    try {
      await detach(holder);
      const [standby = ""] = others;
      const seen = await cluster.status(standby);
      expect(seen.groups[0]).toMatchObject({ holderName: holder, state: "standby" });
      expect(seen.peers.find(({ name }) => name === holder)).toMatchObject({ reachable: false, detached: true });
      await cluster.start(holder);
      await isWhereItWas(before);

      await sleep(3_000);
      await detach(holder);
      await cluster.start(holder, { program: upgrade.program });
      await isWhereItWas(before);
      expect((await cluster.status(holder)).node.agentVersion).toBe("9.9.9");

      await sleep(3_000);
      caller.stop();
      expect(caller.failures).toEqual([]);
      expect(caller.answered).toBeGreaterThan(300);
      expect(cluster.processesOf(holder)).toEqual(processes);
      for (const name of others) expect(said(name)).not.toMatch(/took over/);
      expect(said(holder)).toMatch(/agent 9\.9\.9 is back after [0-9.]+ m?s and goes on with what ran on meanwhile/);
    } finally {
      upgrade.remove();
    }

    const killedMs = performance.now();
    cluster.agent(holder).kill("SIGKILL");
    await cluster.answersFrom(others, 5_000);
    expect(performance.now() - killedMs).toBeLessThan(2_500);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("it does not come back: everything is taken down in time, another node takes over at once, and never do two run", async () => {
    const [standby = ""] = others;
    // A standby has a vote to keep, and nothing to run.
    await detach(standby);
    await cluster.start(standby);
    await cluster.until(standby, ({ groups }) => groups[0]?.state === "standby" && groups[0].ineligible === null);

    const leftMs = performance.now();
    await detach(holder);
    await sleep(8_000);
    expect(caller.failures).toEqual([]);
    const successor = await cluster.answersFrom(others, 8_000);
    expect(performance.now() - leftMs).toBeLessThan(20_000);
    caller.stop();
    await cluster.until(successor, ({ groups }) => groups[0]?.state === "operational");
    expect(said(successor)).toContain(`${holder} gave it back (its agent ended, and its guardian took the resources down)`);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);

    await cluster.start(holder);
    await cluster.until(holder, ({ groups }) => groups[0]?.holderName === successor && groups[0].state === "standby");
  });

  it("too few voters: it says so, and stays", async () => {
    const [standby = ""] = others;
    await cluster.stop(standby);
    const { code, stderr } = await cluster.command(holder, "detach");
    expect(code).toBe(20);
    expect(stderr).toMatch(/2 of 3 voters have promised group default for so long, and 3 are needed/);
    expect((await cluster.groupOf(holder)).state).toBe("operational");
    expect(caller.failures).toEqual([]);
  });
});

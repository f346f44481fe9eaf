import { describe, expect, it } from "vitest";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { manyLocalTables } from "../agent/cluster-signer.ts";
import { type Begun, lastingCluster } from "../agent/processes/lasting-cluster.ts";
import type { LocalCluster } from "../agent/processes/local-cluster.ts";
import { neverTwo } from "../never-two.ts";

const names = ["node-a", "node-b", "node-c"];

/*
 * Three real agents on loopback, with a signed document that the test made, and no cloud at all: the cloud being away is the
 * normal case to survive. Timing profile `default`: T is 600 ms.
 */
describe("agents without a cloud", () => {
  let cluster: LocalCluster;
  let holder = "";
  let others: string[] = [];
  let said: Begun["said"];

  const bringDocument = async (bringer: string, changes: Partial<ClusterDocument>): Promise<number> => {
    const version = (await cluster.status(bringer)).cluster.documentVersion + 1;
    await cluster.stop(bringer);
    await cluster.giveDocument(bringer, { ...cluster.document, ...changes, version });
    await cluster.start(bringer);
    return version;
  };

  lastingCluster((begun) => {
    ({ cluster, holder, others, said } = begun);
  });

  it("the operational node is killed with -9: another one answers, the epoch has grown, and the node that returns stays standby", async () => {
    const before = await cluster.groupOf(holder);
    const killedMs = performance.now();
    cluster.agent(holder).kill("SIGKILL");
    const successor = await cluster.answersFrom(others, 5_000);
    expect(performance.now() - killedMs).toBeLessThan(2_500);
    await cluster.until(successor, ({ groups }) => groups[0]?.state === "operational");
    expect((await cluster.groupOf(successor)).epoch).toBeGreaterThan(before.epoch);
    // Its guardian outlived it, and nobody had to wait for the lease to run out.
    expect(said(successor)).toContain(
      `${successor} took over group default: ${holder} gave it back (its agent ended, and its guardian took the resources down), 2 of 3 votes`,
    );

    await cluster.start(holder);
    await cluster.until(holder, ({ groups }) => groups[0]?.holderName === successor && groups[0].state === "standby");
    expect(await cluster.answersFrom(names, 1_000)).toBe(successor);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("the operational agent is frozen: its service is down before another node starts it, and the agent that thaws is standby", async () => {
    cluster.agent(holder).kill("SIGSTOP");
    const successor = await cluster.answersFrom(others, 5_000);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    cluster.agent(holder).kill("SIGCONT");
    await cluster.until(holder, ({ groups }) => groups[0]?.holderName === successor && groups[0].state === "standby");
    expect(await cluster.answersFrom(names, 1_000)).toBe(successor);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("the guardian of the operational node is killed with -9: the service runs again, on one node, and the log says why", async () => {
    const { node } = await cluster.status(holder);
    process.kill(node.guardianPid ?? 0, "SIGKILL");
    await cluster.until(holder, ({ node: { guardianPid } }) => guardianPid !== null && guardianPid !== node.guardianPid);
    await cluster.answersFrom(names, 10_000);
    expect(said(holder)).toMatch(/the guardian process was ended by SIGKILL/);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    // A new run of its agent knows nothing of the failure, and is fit at once.
    await cluster.stop(holder);
  });

  it("tune: how regularly each peer was heard, and what each profile would have made of it", async () => {
    const tune = async (): Promise<{
      days: { peers: Record<string, { counts: number[] }> }[];
      advice: { profile: string; bearsMs: number }[];
    }> => {
      const { code, stdout, stderr } = await cluster.command(holder, "tune", "--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    await expect.poll(async () => Object.keys((await tune()).days[0]?.peers ?? {}).length, { timeout: 20_000 }).toBe(2);
    expect((await tune()).advice.map(({ profile }) => profile)).toEqual(["fast", "default", "patient"]);
    const { stdout } = await cluster.command(holder, "tune");
    for (const peer of others) expect(stdout).toContain(peer);
    expect(stdout).toContain("default (now)");
  });

  it("a second agent on the same data directory is refused, and the first goes on", async () => {
    const refused = await cluster.command(holder, "run");
    expect(refused).toMatchObject({ code: 7, stderr: expect.stringMatching(/Another agent is running/) as string });
    expect(await cluster.answersFrom(names, 1_000)).toBe(holder);
  });

  it("switchover by command: the group is where the operator wants it, and only the holder takes the command", async () => {
    const [target = "", third = ""] = others;
    const { code, stdout, stderr } = await cluster.command(holder, "switchover", "--group", "default", "--to", target, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ group: "default" });
    expect(await cluster.answersFrom(names, 10_000)).toBe(target);
    expect(await cluster.command(third, "switchover", "--group", "default", "--to", holder)).toMatchObject({
      code: 14,
      stderr: expect.stringMatching(new RegExp(`group default is on ${target}: run the command there`)) as string,
    });
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("SIGTERM: the group is handed over before the agent ends, and no process is left", async () => {
    const askedMs = performance.now();
    expect(await cluster.stop(holder)).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    expect(cluster.processesOf(holder)).toEqual([]);
    const successor = await cluster.operational();
    expect(said(successor)).toMatch(new RegExp(`${successor} took group default over from ${holder} as planned`));
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("a document nearly as large as any may be: one node brings it, and it is in force on the others", async () => {
    const [bringer = "", other = ""] = others;
    const { document, signer } = cluster;
    const bytes = async (length: number) => (await signer.sign({ ...document, version: 2, dataSets: manyLocalTables(length) })).length;
    const nameLength = 94;
    expect(await bytes(nameLength)).toBeLessThanOrEqual(limits.clusterDocumentBytesMax);
    expect(await bytes(nameLength + 1)).toBeGreaterThan(limits.clusterDocumentBytesMax);
    const version = await bringDocument(bringer, { dataSets: manyLocalTables(nameLength) });
    for (const name of [holder, other]) await cluster.until(name, ({ cluster: { documentVersion } }) => documentVersion === version);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    // With tables that no database has, nobody would be fit for what comes next.
    await bringDocument(bringer, {});
  });

  it("the service dies: the group moves to another node, and the event says how it ended", async () => {
    cluster.killService(holder);
    await cluster.answersFrom(others, 5_000);
    expect(said(holder)).toMatch(new RegExp(`service sample of group default failed on ${holder}: it was ended by SIGKILL`));
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    // A new run of its agent knows nothing of the failure, and is fit at once.
    await cluster.stop(holder);
  });

  it("the service of a group that does not swap on a reset dies: it is started anew where it was, under the same epoch; when it dies again, the group moves", async () => {
    const [bringer = ""] = others;
    const version = await bringDocument(bringer, { groups: cluster.document.groups.map((group) => ({ ...group, swapOnReset: false })) });
    await cluster.until(holder, ({ cluster: { documentVersion } }) => documentVersion === version);
    for (const name of others) await cluster.until(name, ({ groups }) => groups[0]?.ineligible === null);
    const { epoch } = await cluster.groupOf(holder);
    cluster.killService(holder);
    await expect.poll(() => said(holder), { timeout: 5_000 }).toMatch(/died on .* and was started anew there: it was ended by SIGKILL/);
    expect(await cluster.answersFrom(names, 5_000)).toBe(holder);
    expect((await cluster.groupOf(holder)).epoch).toBe(epoch);
    cluster.killService(holder);
    await cluster.answersFrom(others, 5_000);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    // A new run of its agent knows nothing of the failure, and is fit at once.
    await cluster.stop(holder);
  });

  it("a newer document that one node brings is in force on the others, and removes a node on the LAN without the cloud", async () => {
    const [bringer = "", removed = ""] = others;
    const { document } = cluster;
    const nodes = document.nodes.filter(({ name }) => name !== removed);
    const order = nodes.map(({ nodeId }) => nodeId);
    const groups = document.groups.map((group) => ({ ...group, order }));
    const version = await bringDocument(bringer, { nodes, groups });
    await cluster.until(holder, ({ cluster: { documentVersion }, peers }) => documentVersion === version && peers.length === 1);
    expect(await cluster.answersFrom(names, 10_000)).toBe(holder);
    await cluster.until(removed, ({ peers }) => peers.every(({ reachable }) => !reachable));
    expect(said(holder)).toMatch(new RegExp(`cluster document ${version} (is in force|names it no longer)`));
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });
});

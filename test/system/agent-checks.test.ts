import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { setIllness } from "../agent/processes/illness-file.ts";
import { type Begun, lastingCluster } from "../agent/processes/lasting-cluster.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { neverTwo } from "../never-two.ts";

const names = ["node-a", "node-b", "node-c"];

/* Three real agents on loopback whose settings have one HTTP check of the service, judged where it runs. */
describe("the application answers 500, and its processes are well", () => {
  let cluster: LocalCluster;
  let holder = "";
  let others: string[] = [];

  let said: Begun["said"];

  const pace = { intervalMs: 200, retryIntervalMs: 100, timeoutMs: 5_000, fall: 3, rise: 2 };
  const settingsOf = (servicePort: number) => ({
    checks: { default: { web: { kind: "http", url: `http://127.0.0.1:${servicePort}/`, ...pace } } },
  });
  lastingCluster(
    (begun) => {
      ({ cluster, holder, others, said } = begun);
    },
    { settingsOf },
  );
  beforeEach(() => cluster.until(holder, (status) => checkState(status) === "ok"));

  it("on the operational node alone: the group moves as planned, the check tells once, and no takeover is told", async () => {
    expect((await cluster.status(others[0] ?? "")).checks).toMatchObject([{ state: "unknown", isWatched: false, lastLookMs: null }]);
    setIllness(cluster.witness.path, holder, true);
    const successor = await cluster.answersFrom(others, 10_000);
    await cluster.until(successor, (status) => status.groups[0]?.state === "operational" && checkState(status) === "ok");
    const problem = "it answered with status 500 in place of 200";
    expect(toldBy(said(successor))).toContain(
      `${successor} took group default over from ${holder} as planned (check web failed here: ${problem})`,
    );
    for (const name of names) expect(toldBy(said(name))).not.toMatch(/took over/);
    expect(toldBy(said(holder)).match(/check web of group default failed/g)).toEqual(["check web of group default failed"]);
    // What it knows of itself outlives the group's stay: the next node is not given a reason to hand straight back.
    const { groups, checks } = await cluster.status(holder);
    expect(groups[0]?.ineligible).toBe(`check web failed here: ${problem}`);
    expect(checks).toMatchObject([{ group: "default", name: "web", state: "failed", isWatched: false, lastError: problem }]);
    const { stdout } = await cluster.command(holder, "status");
    expect(stdout).toMatch(
      /CHECK +OF GROUP +STATE +FOR +DETECTS WITHIN +LAST ERROR\nweb +default +failed \(not watched\) +\d+\.\d s +15\.4 s +it answered with status 500/,
    );
    // A switchover straight back would be refused, for that same reason; one to the third node would be begun. Neither is.
    const third = others.find((name) => name !== successor) ?? "";
    const tried = (to: string, ...more: string[]) =>
      cluster.command(successor, "switchover", "--group", "default", "--to", to, "--dry-run", ...more);
    const refused = await tried(holder, "--json");
    expect(refused).toMatchObject({
      code: 14,
      stderr: expect.stringMatching(/would be refused: node-[abc] cannot take the group now: check web/) as string,
    });
    expect(JSON.parse(refused.stdout)).toMatchObject({
      to: holder,
      wouldBegin: false,
      group: "default",
      holderName: successor,
      obstacle: null,
    });
    const begun = await tried(third);
    expect(begun).toMatchObject({ code: 0, stderr: "" });
    expect(begun.stdout).toMatch(new RegExp(`^Group default is on ${successor}\\.\n\nNODE +COULD TAKE IT +REASON\n`));
    expect(begun.stdout).toMatch(new RegExp(`${third} +yes +for +it is heard, and says that it could take the group`));
    expect(begun.stdout).toContain(`The switchover to ${third} would be begun. Nothing was moved.`);
    expect(await tried("node-x")).toMatchObject({
      code: 14,
      stderr: expect.stringMatching(/node-x is not in the group's order/) as string,
    });
    expect(await cluster.groupOf(successor)).toMatchObject({ state: "operational", holderName: successor });
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    // A new run of its agent knows nothing of the failure, and is fit at once.
    setIllness(cluster.witness.path, holder, false);
    await cluster.stop(holder);
  });

  it("on every node: the group ends on the last one, stays there with an alarm, and the alarm ends when it is well", async () => {
    for (const name of names) setIllness(cluster.witness.path, name, true);
    const last = await whoTells(said, /keeps group default although it is not fit/);
    expect(toldBy(said(last))).toMatch(
      /keeps group default although it is not fit for it, because no other node is: (node-[abc]: check web failed here: it answered with status 500 in place of 200(; )?){3}/,
    );
    const before = await cluster.groupOf(last);
    expect(before).toMatchObject({ state: "operational", holderName: last });
    setIllness(cluster.witness.path, last, false);
    await cluster.until(last, (status) => checkState(status) === "ok");
    await expect
      .poll(() => toldBy(said(last)), { timeout: 5_000 })
      .toMatch(/kept group default while no node was fit for it; that is over after/);
    expect(toldBy(said(last))).toMatch(/check web of group default is well again on node-[abc], [\d.]+ m?s after it began to fail/);
    expect(await cluster.groupOf(last)).toMatchObject({ state: "operational", epoch: before.epoch });
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });
});

describe("a service dies on the only node that could run it", () => {
  let cluster: LocalCluster;

  beforeEach(async () => {
    cluster = await LocalCluster.create(1);
    await cluster.startAll();
    await cluster.operational();
  });
  afterEach(() => cluster.end());

  it("it is started anew under the same epoch, and the alarm says that no other node was fit", async () => {
    const before = await cluster.groupOf("node-a");
    const [died = 0] = cluster.processesOf("node-a");
    cluster.killService("node-a");
    await expect.poll(() => toldBy(cluster.logOf("node-a")), { timeout: 15_000 }).toMatch(/what has failed of it is started anew: sample/);
    await cluster.answersFrom(["node-a"], 15_000);
    expect(cluster.processesOf("node-a")).not.toContain(died);
    expect(await cluster.groupOf("node-a")).toMatchObject({ state: "operational", epoch: before.epoch });
    expect(toldBy(cluster.logOf("node-a"))).toMatch(/node-a keeps group default although it is not fit for it/);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });
});

function checkState({ checks }: AgentStatus): string | undefined {
  return checks[0]?.state;
}

/** The sentences of a log, without what else stands on its lines. */
function toldBy(log: string): string {
  return [...log.matchAll(/"msg":"([^"]*)"/g)].map(([, sentence = ""]) => sentence).join("\n");
}

async function whoTells(said: Begun["said"], sentence: RegExp): Promise<string> {
  const teller = (): string | undefined => names.find((name) => sentence.test(toldBy(said(name))));
  await expect.poll(teller, { timeout: 30_000 }).toBeDefined();
  return teller() ?? "";
}

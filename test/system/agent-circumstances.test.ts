import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import type { AgentStart } from "../agent/processes/agent-start.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { SmallDisk } from "../agent/processes/small-disk.ts";
import { neverTwo } from "../never-two.ts";

const names = ["node-a", "node-b", "node-c"];
const isRoot = process.getuid?.() === 0;
/** The user `nobody`: may do nothing that not everybody may. */
const nobody = 65_534;
const yearMs = 365 * 86_400_000;
const wrongClock = (offMs: number): AgentStart => ({
  environment: {
    NODE_OPTIONS: `--import ${join(import.meta.dirname, "../agent/processes/wrong-clock.ts")}`,
    WRONG_CLOCK_MS: String(offMs),
  },
});
const othersThan = (holder: string): string[] => names.filter((name) => name !== holder);

/* Real agents in circumstances that a customer's server gets into. */
describe("agents in adverse circumstances", () => {
  let cluster: LocalCluster;
  let disk: SmallDisk | null = null;

  /** The holder, once every other node could take over from it. */
  const settled = async (): Promise<string> => {
    const holder = await cluster.operational();
    for (const name of othersThan(holder)) await cluster.until(name, ({ groups }) => groups[0]?.ineligible === null);
    return holder;
  };

  beforeEach(async () => {
    cluster = await LocalCluster.create(3);
  });
  afterEach(async () => {
    await cluster.end(() => disk?.unmount());
    disk = null;
  });

  it("wall clocks a year fast and a year slow: the failover does not depend on them", async () => {
    await Promise.all([cluster.start("node-a", wrongClock(yearMs)), cluster.start("node-b", wrongClock(-yearMs)), cluster.start("node-c")]);
    const holder = await settled();
    const yearIn = (name: string): number => Number(/"time":"(\d{4})/.exec(cluster.logOf(name))?.[1]);
    expect(names.map(yearIn)).toEqual([yearIn("node-c") + 1, yearIn("node-c") - 1, yearIn("node-c")]);
    cluster.agent(holder).kill("SIGKILL");
    await cluster.answersFrom(othersThan(holder), 5_000);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it.runIf(isRoot)(
    "a user without rights: the log says what that costs, and another node takes over from a killed one all the same",
    async () => {
      cluster.giveTo(nobody);
      await cluster.startAll({ uid: nobody });
      const holder = await settled();
      expect(cluster.logOf(holder)).toMatch(
        /the control loop and the guardian run at ordinary priority, and may be late on a busy machine/,
      );
      cluster.agent(holder).kill("SIGKILL");
      await cluster.answersFrom(othersThan(holder), 5_000);
      expect(cluster.processesOf(holder)).toEqual([]);
      expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    },
  );

  it.runIf(isRoot)(
    "the holder's disk is full: it goes on, says so, and hands over as asked; with space again it says that too",
    async () => {
      disk = SmallDisk.at(cluster.dataDirOf("node-a"));
      await cluster.startAll();
      let holder = await settled();
      if (holder !== "node-a") {
        expect(await cluster.command(holder, "switchover", "--group", "default", "--to", "node-a")).toMatchObject({ code: 0 });
        holder = await settled();
      }
      expect(holder).toBe("node-a");
      await cluster.stop("node-c");
      disk.fill();
      // Every refusal is an event; the first few still fit into the last block of the outbox.
      for (let asked = 0; asked < 20; asked += 1) expect(await cluster.client("node-a").switchover("default", "node-c")).not.toBe(null);
      const { outbox } = await cluster.until("node-a", ({ outbox: { trouble } }) => trouble !== null);
      expect(outbox.trouble).toMatch(/ENOSPC|no space left/i);
      // Several leases long: its service runs on in the same process, under the same epoch.
      const { epoch } = await cluster.groupOf("node-a");
      const running = cluster.processesOf("node-a");
      await sleep(2_000);
      expect(await cluster.answersFrom(["node-a"], 10_000)).toBe("node-a");
      expect(await cluster.groupOf("node-a")).toMatchObject({ state: "operational", epoch });
      expect(cluster.processesOf("node-a")).toEqual(expect.arrayContaining(running));
      expect(await cluster.command("node-a", "switchover", "--group", "default", "--to", "node-b")).toMatchObject({ code: 0 });
      expect(await cluster.answersFrom(names, 10_000)).toBe("node-b");
      disk.free();
      await cluster.until("node-a", ({ outbox: { trouble } }) => trouble === null);
      expect(cluster.logOf("node-a")).toMatch(/free space on its disk.*events are kept on disk again/s);
      expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    },
  );

  it("the holder's agent is killed with -9 and started again at once: its service is gone before one runs anywhere", async () => {
    await cluster.startAll();
    for (let round = 0; round < 3; round += 1) {
      const holder = await settled();
      cluster.agent(holder).kill("SIGKILL");
      await once(cluster.agent(holder), "exit");
      await cluster.start(holder);
      await cluster.answersFrom(names, 10_000);
      expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
    }
  });

  it("the holder's replication thread hangs: the group goes as planned to a fit node, with the reason; when it goes on the node is fit again", async () => {
    const file = join(cluster.dataDirOf("node-a"), "hang");
    const preload = join(import.meta.dirname, "../agent/processes/hanging-thread.ts");
    const environment = { NODE_OPTIONS: `--import ${preload}`, HANGING_THREAD: "replication", HANGS_WHILE: file };
    await cluster.start("node-a", { environment });
    await Promise.all([cluster.start("node-b"), cluster.start("node-c")]);
    if ((await settled()) !== "node-a")
      expect(await cluster.command(await settled(), "switchover", "--group", "default", "--to", "node-a")).toMatchObject({ code: 0 });
    expect(await settled()).toBe("node-a");
    writeFileSync(file, "");
    const successor = await cluster.answersFrom(othersThan("node-a"), 20_000);
    const reason = /^its thread replication has not answered for \d+ ms$/;
    await cluster.until("node-a", ({ groups: [line] }) => reason.test(line?.ineligible ?? ""));
    await expect
      .poll(() => cluster.logOf(successor), { timeout: 10_000 })
      .toMatch(/took group default over from node-a as planned \(its thread replication has not answered/);
    rmSync(file);
    await cluster.until("node-a", ({ groups: [line] }) => line?.ineligible === null);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  });

  it("a port in use: the agent says which and ends; once it is free, it starts", async () => {
    const { heartbeatPort = 0 } = cluster.document.nodes[0] ?? {};
    const squatter = createServer();
    await once(squatter.listen(heartbeatPort, "127.0.0.1"), "listening");
    const refused = await cluster.command("node-a", "run");
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(new RegExp(`127.0.0.1:${heartbeatPort}: the port is in use.*\\nNext step`, "s")) as string,
    });
    expect(cluster.processesOf("node-a")).toEqual([]);
    squatter.close();
    await cluster.start("node-a");
  });

  it("status --watch: a status a second until Ctrl-C; it ends with a reason when the agent has ended", async () => {
    await cluster.start("node-a");
    const watching = spawn(process.execPath, cluster.argvOf("node-a", "status", "--watch", "--json"), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const seen: AgentStatus[] = [];
    createInterface({ input: watching.stdout }).on("line", (line) => seen.push(JSON.parse(line) as AgentStatus));
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    expect(seen.map(({ node: { name } }) => name)).toEqual(seen.map(() => "node-a"));
    watching.kill("SIGINT");
    expect(await once(watching, "exit")).toEqual([null, "SIGINT"]);

    const table = spawn(process.execPath, cluster.argvOf("node-a", "status", "--watch"), { stdio: ["ignore", "pipe", "pipe"] });
    const [shown, said] = [{ text: "" }, { text: "" }];
    table.stdout.setEncoding("utf8").on("data", (text: string) => (shown.text += text));
    table.stderr.setEncoding("utf8").on("data", (text: string) => (said.text += text));
    await expect.poll(() => shown.text, { timeout: 10_000 }).toMatch(/GROUP +STATE HERE.*GROUP +STATE HERE/s);
    await cluster.stop("node-a");
    expect(await once(table, "exit")).toEqual([9, null]);
    expect(said.text).toMatch(/Next step: Start it/);
  });
});

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import { askOptions, type Transport } from "../agent/answers/ask-options.ts";
import { testNodeId } from "../agent/cluster-signer.ts";
import { hasEnded } from "../agent/processes/lasting-cluster.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { loseMachine } from "../agent/processes/lose-machine.ts";
import { endProcess } from "../demo/child-process.ts";
import { freePorts } from "../demo/free-ports.ts";
import { waitFor } from "../demo/waiting.ts";
import { neverTwo } from "../never-two.ts";

const haproxy = "/usr/sbin/haproxy";
const missing = existsSync(haproxy) ? null : "needs HAProxy, in Debian the package haproxy";
const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const names = ["node-a", "node-b", "node-c"];
const hostOf = (name: string): string => hosts[names.indexOf(name)] ?? "";
/** Where a balancer asks that was made for an earlier product. */
const compatiblePath = "/SA-Announce/RevolutionStatus";
const requestIntervalMs = 10;
const settledMs = 2_000;
/** A lease, the start of a Node process and two checks, on a machine that is busy with other things. */
const outageMsMax = { planned: 5_000, crash: 10_000 };

interface Request {
  readonly atMs: number;
  readonly tookMs: number;
  /** The name of the node that answered, or what went wrong. */
  readonly answer: string;
}

/* Three agents, each on an address of its own, behind a real HAProxy whose configuration the agent itself has printed, and asked by a PBX. */
describe.skipIf(missing !== null)(`requests through HAProxy${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "understudy-haproxy-"));
  const requests: Request[] = [];
  let cluster: LocalCluster;
  let balancer: ChildProcess | null = null;
  let [url, tcpUrl] = ["", ""];
  let ports = { check: 0, sip: 0 };
  const traffic = new AbortController();

  /** A column of HAProxy's own statistics, for the servers in the order of `names`. */
  const column = async (title: string): Promise<readonly string[]> => {
    const socket = connect(join(folder, "stats.sock"));
    socket.end("show stat\n");
    const [heading = "", ...lines] = (await text(socket)).trim().split("\n");
    const index = heading.replace("# ", "").split(",").indexOf(title);
    const rows = lines.map((line) => line.split(","));
    return names.map((name) => rows.find((row) => row[1] === name)?.[index] ?? "");
  };

  /** How many requests HAProxy has given to each server since its start, successful or not. */
  const sessions = async (): Promise<Record<string, number>> => {
    const totals = await column("stot");
    return Object.fromEntries(names.map((name, index) => [name, Number(totals[index])]));
  };

  const requestAll = async (): Promise<void> => {
    while (!traffic.signal.aborted) {
      const atMs = performance.now();
      const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
        async (response) => (response.ok ? await response.text() : `status ${response.status}`),
        (error: unknown) => String(error),
      );
      requests.push({ atMs, tookMs: performance.now() - atMs, answer });
      await sleep(requestIntervalMs);
    }
  };

  /** What each node says to whoever asks it by itself: over HTTP at the compatible path, and to a PBX that asks for its trunk. */
  const statusesOf = async (name: string) => {
    const options = (transport: Transport) => askOptions(transport, hostOf(name), ports.sip);
    const http = fetch(`http://${hostOf(name)}:${ports.check}${compatiblePath}`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status,
      () => null,
    );
    const [compatible, udp, tcp] = await Promise.all([http, options("UDP"), options("TCP")]);
    return { compatible, udp, tcp };
  };
  const operational = { compatible: 200, udp: 200, tcp: 200 };
  const standby = { compatible: 404, udp: 503, tcp: 503 };
  const silent = { compatible: null, udp: null, tcp: null };

  const allStatuses = async () => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await statusesOf(name)] as const)));
  /** A moment after the group has moved. */
  const eachSays = (expected: Readonly<Record<string, typeof standby | typeof silent>>): Promise<void> =>
    expect.poll(allStatuses, { timeout: 10_000, interval: 50 }).toEqual(expected);

  /** The requests that failed since then, and from the first to the last of them. */
  const failuresSince = (sinceMs: number): { readonly failed: readonly string[]; readonly outageMs: number; readonly sent: number } => {
    const sent = requests.filter(({ atMs }) => atMs >= sinceMs);
    const failed = sent.filter(({ answer }) => !names.includes(answer));
    const outageMs = Math.max(0, (failed.at(-1)?.atMs ?? 0) + (failed.at(-1)?.tookMs ?? 0) - (failed[0]?.atMs ?? 0));
    return { failed: failed.map(({ answer }) => answer), outageMs, sent: sent.length };
  };

  /** A crowded machine may make the target unfit for a moment, or the command's answer late: then it is asked for again. Returns when it was asked for first. */
  const switchover = async (from: string, to: string): Promise<number> => {
    const askedMs = performance.now();
    await waitFor(`a switchover to ${to}`, 30_000, async () => {
      const { code, stderr } = await cluster.command(from, "switchover", "--group", "default", "--to", to);
      if (code !== 0 && !stderr.includes(`is on ${to} already`)) throw new Error(stderr);
      return true;
    });
    return askedMs;
  };

  /** The holder, once it has stayed the same for a while: three agents that start at once on two processors may still lose a lease to each other. */
  const settled = async (): Promise<string> => {
    const holder = await cluster.operational();
    await sleep(settledMs);
    return (await cluster.operational()) === holder ? holder : settled();
  };

  const answeredBy = async (name: string): Promise<void> => {
    await expect.poll(() => requests.at(-1)?.answer, { timeout: 15_000, interval: 20 }).toBe(name);
    await sleep(500);
  };

  beforeAll(async () => {
    const [listenPort = 0, tcpListenPort = 0, servicePort = 0, check = 0, sip = 0] = await freePorts(5);
    ports = { check, sip };
    const group: PriorityGroup = {
      name: "default" as PriorityGroup["name"],
      order: names.map((_, index) => testNodeId(index + 1) as PriorityGroup["order"][number]),
      resources: [
        { kind: "service", name: "sample" },
        { kind: "balancer-answer", name: "web", mode: "http", listenPort, servicePort },
        { kind: "balancer-answer", name: "raw", mode: "tcp", listenPort: tcpListenPort, servicePort },
        { kind: "sip-answer", name: "trunk" },
      ],
      failback: { mode: "manual" },
    };
    const settings = { balancer: { port: check, compatiblePath }, sip: { port: sip } };
    cluster = await LocalCluster.create(3, { groups: [group] }, { hosts, servicePort, settings });
    const { code, stdout, stderr } = await cluster.command("node-a", "haproxy");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, `global\n    stats socket ${join(folder, "stats.sock")}\n\n${stdout}`);
    expect(execFileSync(haproxy, ["-c", "-f", file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })).toMatch(/valid/);
    await cluster.startAll();
    await cluster.operational();
    balancer = spawn(haproxy, ["-db", "-f", file], { stdio: "ignore" });
    [url, tcpUrl] = [`http://127.0.0.1:${listenPort}`, `http://127.0.0.1:${tcpListenPort}`];
  });
  afterAll(async () => {
    traffic.abort();
    if (balancer !== null) await endProcess(balancer);
    await cluster.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a planned switchover and a crash of the agent lose the requests of a bounded time, and none is ever given to a standby", async () => {
    const holder = await settled();
    const [second = "", third = ""] = names.filter((name) => name !== holder);
    // HAProxy has asked each server for the first time, and sends nothing to any before.
    // HAProxy 2.6 takes every server for fit until it has asked it for the first time.
    await waitFor("HAProxy to have asked every server", 10_000, async () =>
      (await column("status")).filter((status) => status.startsWith("UP")).length === 1 ? true : undefined,
    );
    const idle = await sessions();
    const requesting = requestAll();
    await answeredBy(holder);
    expect(await sessions()).toMatchObject({ [second]: idle[second], [third]: idle[third] });
    await eachSays({ [holder]: operational, [second]: standby, [third]: standby });
    // In HAProxy's other mode, which looks at no request.
    expect(await (await fetch(tcpUrl)).text()).toBe(holder);

    const switchedMs = await switchover(holder, second);
    await answeredBy(second);
    await eachSays({ [holder]: standby, [second]: operational, [third]: standby });
    const planned = failuresSince(switchedMs);
    const before = await sessions();
    expect(before).toMatchObject({ [third]: idle[third] });

    const killedMs = performance.now();
    cluster.agent(second).kill("SIGKILL");
    const successor = await cluster.answersFrom([holder, third], 20_000);
    await answeredBy(successor);
    await eachSays({ [second]: silent, [successor]: operational, [successor === holder ? third : holder]: standby });
    const crash = failuresSince(killedMs);
    traffic.abort();
    await requesting;

    const standing = successor === holder ? third : holder;
    expect((await sessions())[standing]).toBe(before[standing]);
    console.info(`planned switchover: ${told(planned)}; crash of the operational agent: ${told(crash)}`);
    expect(planned.outageMs).toBeLessThan(outageMsMax.planned);
    expect(crash.outageMs).toBeLessThan(outageMsMax.crash);
    expect(failuresSince(0).failed.length).toBe(planned.failed.length + crash.failed.length);
    // None hangs: it is refused by the balancer, or cut off with the node that was at it.
    expect([...planned.failed, ...crash.failed].filter((answer) => !/^status 50[23]$|fetch failed/.test(answer))).toEqual([]);
  }, 90_000);

  it("a crash of the operational node's machine, with all its processes: requests and trunk go to another node", async () => {
    const holder = await cluster.operational();
    const gone = names.filter((name) => hasEnded(cluster, name));
    for (const name of gone) await cluster.start(name);
    const others = names.filter((name) => name !== holder);
    for (const name of others) await cluster.until(name, ({ groups: [line] }) => line?.ineligible === null && line.holderName === holder);

    await loseMachine(cluster, holder);
    const successor = await cluster.answersFrom(others, 20_000);
    const idle = others.find((name) => name !== successor) ?? "";
    await eachSays({ [holder]: silent, [successor]: operational, [idle]: standby });
    for (const way of [url, tcpUrl])
      await expect.poll(async () => (await fetch(way)).text().catch(String), { timeout: 15_000 }).toBe(successor);
    expect(cluster.witness.overlaps(), neverTwo).toEqual([]);
  }, 90_000);
});

function told({
  failed,
  outageMs,
  sent,
}: {
  readonly failed: readonly string[];
  readonly outageMs: number;
  readonly sent: number;
}): string {
  return `${failed.length} of ${sent} requests failed, within ${Math.round(outageMs)} ms`;
}

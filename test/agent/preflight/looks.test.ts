import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseSettings } from "../../../agent/config/load-settings.ts";
import { lookAside } from "../../../agent/preflight/look-aside.ts";
import { lookAtOthers } from "../../../agent/preflight/look-at-others.ts";
import { type Looked, lookAtServer, lookBesideOthers } from "../../../agent/preflight/look-at-server.ts";
import { capabilitiesIn } from "../../../agent/preflight/look-at-system.ts";
import { chronyStanding, systemdStanding } from "../../../agent/preflight/look-at-time-source.ts";
import { mountOf, parseMounts } from "../../../agent/preflight/mounts.ts";
import { within } from "../../../agent/preflight/within.ts";
import { programFile } from "../../../agent/program-file.ts";
import { runProgram } from "../../../agent/resources/system-program.ts";
import { preflightChecks } from "../../../shared/domain/preflight/preflight-checks.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { testDocument, testNode, testNodeId, testWitness } from "../cluster-signer.ts";

const folder = mkdtempSync(join(tmpdir(), "understudy-preflight-"));
afterAll(() => rmSync(folder, { recursive: true }));

const settingsOf = async (more: Record<string, unknown> = {}) => {
  const [heartbeatPort, replicationPort] = await freePorts(2);
  const listen = { host: "127.0.0.1", heartbeatPort, replicationPort };
  return parseSettings(stringify({ name: "node-a", dataDir: join(folder, "not-yet", "agent"), listen, ...more }), "agent.yaml");
};
const look = async (more: Record<string, unknown> = {}) =>
  lookAtServer({ settings: await settingsOf(more), member: null, isAgentRunning: false, askControlPlane: null });

const databasesIn = (results: Awaited<ReturnType<typeof look>>) =>
  Object.fromEntries(
    results.flatMap(({ id, subject = "", outcome, seen }) => (id === "databases" ? [[subject, `${outcome}: ${seen}`]] : [])),
  );

describe("a look at this server", () => {
  const paths = {
    none: "none.sqlite",
    gone: "gone/x.sqlite",
    tree: "tree",
    sound: "sound.sqlite",
    keyless: "keyless.sqlite",
    text: "text.sqlite",
  };
  beforeAll(() => {
    mkdirSync(join(folder, paths.tree));
    const sound = new DatabaseSync(join(folder, paths.sound));
    sound.exec("CREATE TABLE call (id INTEGER PRIMARY KEY); CREATE TABLE entry (id INTEGER PRIMARY KEY)");
    sound.close();
    const keyless = new DatabaseSync(join(folder, paths.keyless));
    keyless.exec("CREATE TABLE journal (line TEXT)");
    keyless.close();
    writeFileSync(join(folder, paths.text), "this is not a database ".repeat(200));
  });
  const dataSets = () => Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, { path: join(folder, path) }]));

  it("sees everything that there is a check for, each database as it is, and makes nothing", async () => {
    const results = await look({ dataSets: dataSets() });
    expect([...new Set(results.map(({ id }) => id))]).toEqual(preflightChecks.map(({ id }) => id));
    const of = databasesIn(results);
    expect(of["none"]).toMatch(/^ok: .*comes from the other nodes/);
    expect(of["gone"]).toMatch(/^warn: the folder/);
    expect(of["tree"]).toMatch(/^ok: .* is a folder/);
    expect(of["sound"]).toMatch(/^ok: .* has 2 tables/);
    expect(of["keyless"]).toMatch(/^warn: .*journal has no primary key/);
    expect(of["text"]).toMatch(/^fail: .*is not an SQLite database/);
    const seen = (id: string): string => results.find((result) => result.id === id)?.seen ?? "";
    expect(seen("kernel")).toMatch(/^Linux \d/);
    expect(seen("memory")).toMatch(/^\d+ of [1-9]\d+ MiB/);
    expect(seen("disk-space")).toMatch(/^[\d.]+ MiB free at/);
    expect(seen("local-disk")).toMatch(/ is on [\w.]+ \(\//);
    expect(seen("data-directory")).toMatch(/not-yet\/agent can be made$/);
    expect(results.find(({ id }) => id === "addresses")).toMatchObject({
      outcome: "warn",
      seen: expect.stringMatching(/loopback/) as string,
    });
    expect(results.filter(({ id, outcome }) => id === "ports" && outcome === "ok")).toHaveLength(2);
  });

  it("with a cluster document that declares the table local it is no fault, and without that a failure", async () => {
    const settings = await settingsOf({ dataSets: { crm: { path: join(folder, paths.keyless) } } });
    const judged = async (local: readonly string[]) => {
      const document = { ...testDocument([]), dataSets: [{ kind: "sqlite" as const, name: "crm", local }] };
      const member = { nodeId: testNodeId(1) as never, document };
      return databasesIn(await lookAtServer({ settings, member, isAgentRunning: true, askControlPlane: null }))["crm"];
    };
    expect(await judged(["journal"])).toMatch(/^ok: .* has 0 tables/);
    expect(await judged([])).toMatch(/^fail: .*journal/);
  });

  it("ports that others have, over TCP and UDP: failures that name them", async () => {
    const [tcp, udp] = [createServer(), createSocket("udp4")];
    await once(tcp.listen(0, "127.0.0.1"), "listening");
    udp.bind(0, "127.0.0.1");
    await once(udp, "listening");
    const [page, sip] = [(tcp.address() as { port: number }).port, udp.address().port];
    const results = await look({ page: { port: page }, sip: { port: sip } });
    tcp.close();
    udp.close();
    const failed = results.filter(({ outcome }) => outcome === "fail");
    expect(failed.map(({ subject }) => subject)).toEqual(["page.port", "sip.port"]);
    expect(failed.map(({ seen }) => seen)).toEqual([page, sip].map((port) => expect.stringMatching(new RegExp(`127.0.0.1:${port}: the port is in use$`)) as string)); // biome-ignore format: one expectation
  });

  it("the other nodes' ports: one that takes connections, one that refuses them, and its own are not tried", async () => {
    const listening = createServer((socket) => socket.on("error", () => {}));
    await once(listening.listen(0, "127.0.0.1"), "listening");
    const open = (listening.address() as { port: number }).port;
    const [closed = 0, own = 0] = await freePorts(2);
    const nodes = [
      testNode(1, "a".repeat(64), { heartbeat: own, replication: own + 1 }),
      testNode(2, "b".repeat(64), { heartbeat: open, replication: closed }),
    ];
    const member = { nodeId: nodes[0]?.nodeId ?? ("" as never), document: testDocument(nodes) };
    const { results, beside } = await lookBesideOthers({
      settings: await settingsOf(),
      member,
      isAgentRunning: true,
      askControlPlane: null,
    });
    listening.close();
    expect(results.filter(({ id }) => id === "other-nodes")).toMatchObject([
      { outcome: "warn", subject: "node-b", seen: `127.0.0.1:${closed} refuses connections` },
    ]);
    const unreached = [{ nodeId: nodes[1]?.nodeId, path: "main", port: "replication", problem: "refuses connections" }];
    expect(beside.reach).toEqual({ tried: [nodes[1]?.nodeId], unreached });
    const witness = { ...member, document: testDocument(nodes.slice(1), { witness: testWitness(nodes[0] as never) }) };
    expect(
      (await lookAtOthers(member.nodeId, witness.document)).map(({ port }) => port),
      "a witness has no data",
    ).toEqual(["heartbeat"]);
  });

  it("a folder that this user may not write: a failure", async () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    const settings = await settingsOf({ dataDir: join(locked, "agent") });
    // Root may write everywhere, until it has laid that right down.
    const asAnybody = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
    const argv = [...asAnybody, process.execPath, programFile("server-look").pathname];
    const looked = await runProgram(argv, 30_000, JSON.stringify({ settings, member: null }));
    const { results } = JSON.parse(looked.ok ? looked.output : looked.reason) as Looked;
    expect(results.find(({ id }) => id === "data-directory")).toMatchObject({ outcome: "fail" });
  });

  describe("from a running agent, in a process of its own", () => {
    it("sees what a look of its own would see", async () => {
      const settings = await settingsOf({ dataSets: dataSets() });
      const { results } = await lookAside({ settings, member: null }, new AbortController().signal);
      const own = await lookAtServer({ settings, member: null, isAgentRunning: true, askControlPlane: null });
      const outcomes = (all: typeof own) => all.map(({ id, subject, outcome }) => ({ id, subject, outcome }));
      expect(outcomes(results)).toEqual(outcomes(own));
    });

    it("one that is given up holds up nobody", async () => {
      const given = new AbortController();
      const look = lookAside({ settings: await settingsOf(), member: null }, given.signal);
      given.abort();
      await expect(look).rejects.toThrow(/was given up$/);
      // What hangs is ended at once as well.
      const hangs = new AbortController();
      const run = runProgram(["sleep", "60"], 90_000, "", hangs.signal);
      await setTimeout(50);
      hangs.abort();
      expect(await run).toEqual({ ok: false, missing: false, reason: "sleep was given up" });
    });
  });
});

const tracking = (address: string, leap: string) =>
  `C0000201,${address},3,1795341600.1,0.000040000,0.000012,0.000100,-8.1,0.002,0.01,0.03,0.01,64.2,${leap}\n`;

describe("what the system says", () => {
  it("the mount that holds a path is the innermost one, and the newest of two at one place; blanks are read", () => {
    const mounts = parseMounts(
      [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        "30 22 0:40 / /srv rw - xfs /dev/sdb1 rw",
        "31 22 0:41 / /srv rw master:2 - nfs4 server:/x rw",
        "32 22 0:42 / /srv/my\\040data rw - tmpfs tmpfs rw",
        "",
      ].join("\n"),
    );
    const of = (path: string) => mountOf(path, mounts)?.fileSystem;
    expect([of("/var/lib"), of("/srv/a"), of("/srvx"), of("/srv/my data/x")]).toEqual(["ext4", "nfs4", "ext4", "tmpfs"]);
    expect(parseMounts("nonsense\n - \n1 2 3")).toEqual([]);
  });

  it("chrony's tracking and systemd's answer, synchronised and not", () => {
    const sources = "^,*,192.0.2.1,2,6,377,21,-0.000012,-0.000013,0.000210\n^,+,192.0.2.2,2,6,377,20,0.000100,0.000100,0.000300\n";
    expect(chronyStanding(tracking("192.0.2.1", "Normal"), sources)).toEqual({
      program: "chrony",
      isSynchronised: true,
      detail: "by 192.0.2.1, 0.040 ms off",
      sources: ["192.0.2.1", "192.0.2.2"],
    });
    expect(chronyStanding(tracking("", "Not synchronised"), "")).toMatchObject({ isSynchronised: false, detail: "", sources: [] });
    expect(chronyStanding("", "")).toMatchObject({ isSynchronised: false });
    const server = "ServerName=time.example.com\nServerAddress=192.0.2.1\n";
    const service = { program: "systemd's time service", isSynchronised: true, sources: ["time.example.com", "192.0.2.1"] };
    expect(systemdStanding("NTP=yes\nNTPSynchronized=yes\n", server)).toMatchObject(service);
    expect(systemdStanding("NTP=no\nNTPSynchronized=no\n", "")).toMatchObject({ isSynchronised: false, sources: [] });
  });

  it("what a process may do, by the kernel's own numbers", () => {
    expect(capabilitiesIn("Name:\tnode\nCapEff:\t0000000000803000\n")).toEqual(["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_NICE"]);
    expect(capabilitiesIn("CapEff:\t0000000000000000\n")).toEqual([]);
    expect(() => capabilitiesIn("Name:\tnode\n")).toThrow(/does not say/);
  });

  it("a look that hangs is given up, and one that fails says why", async () => {
    expect(await within(5, new Promise(() => {}))).toEqual({ problem: "no answer within 0.005 s" });
    expect(await within(1_000, Promise.reject(new Error("EIO")))).toEqual({ problem: "EIO" });
    expect(await within(1_000, Promise.resolve(7))).toEqual({ value: 7 });
  });
});

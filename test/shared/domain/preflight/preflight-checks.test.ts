import { describe, expect, it } from "vitest";
import { preflight, preflightChecks } from "../../../../shared/domain/preflight/preflight-checks.ts";
import type { DatabaseFact, DiskFact, OwnAddress, PreflightFacts } from "../../../../shared/domain/preflight/preflight-facts.ts";
import {
  besideOthers,
  preflightEssence,
  preflightFindingsMax,
  preflightReport,
} from "../../../../shared/domain/preflight/preflight-report.ts";
import { preflightReportSchema } from "../../../../shared/protocol/preflight-schema.ts";
import { wellServer } from "./well-server.ts";

const mebibyte = 1_048_576;
const { system } = wellServer;
const [address] = wellServer.addresses;
const [disk] = wellServer.disks;
if (address === undefined || disk === undefined) throw new Error("the server has an address and a disk");

const at = (change: Partial<OwnAddress> | null, isNeeded = true): Partial<PreflightFacts> => {
  const usual = "value" in address.found ? address.found.value : null;
  const found = { value: change === null || usual === null ? null : { ...usual, ...change } };
  return { addresses: [{ ...address, isNeeded, found }] };
};
const port = (problem: string): Partial<PreflightFacts> => ({
  ports: [{ setting: "sip.port", where: "192.0.2.11:5061 (UDP)", state: { problem } }],
});
const name = (isNeeded: boolean): Partial<PreflightFacts> => ({
  names: [{ name: "a.example", usedBy: "listen.host", isNeeded, addresses: { problem: "getaddrinfo ENOTFOUND a.example" } }],
});
const unreached = (problem: string): Partial<PreflightFacts> => ({
  others: wellServer.others.map((way) => (way.port === "replication" ? { ...way, problem } : way)),
});
const cloud = (answer: NonNullable<PreflightFacts["controlPlane"]>["answer"]): Partial<PreflightFacts> => ({
  controlPlane: { origin: "https://cloud.example.com", answer },
});
const clock = (clockAheadMs: number) => cloud({ kind: "answered", clockAheadMs });
const onDisk = (
  change: Partial<Extract<DiskFact["seen"], { readonly value: unknown }>["value"]>,
  databaseBytes = 0,
): Partial<PreflightFacts> => ({
  disks: [{ ...disk, seen: { value: { fileSystem: "ext4", mountPoint: "/", freeBytes: 2_000 * mebibyte, ...change } }, databaseBytes }],
});
const database = (found: DatabaseFact["found"]): Partial<PreflightFacts> => ({
  databases: [{ dataSet: "crm", path: "/srv/crm.sqlite", found }],
});
const noKey = "table journal has no primary key: declare it `local` in the data set, or give it a primary key";

const cases: readonly [string, Partial<PreflightFacts>, string, "ok" | "warn" | "fail", RegExp][] = [
  ["a loopback address", at({ isLoopback: true, interfaceName: "lo" }), "addresses", "warn", /loopback on lo: no other server/],
  ["a dynamic address", at({ isDynamic: true }), "addresses", "warn", /192\.0\.2\.11\/24 on eth0 is dynamic/],
  ["an interface that is down", at({ isUsable: false }), "addresses", "warn", /eth0 is down/],
  ["a foreign address", at(null), "addresses", "fail", /192\.0\.2\.11: no address of this server/],
  ["a foreign address of a further path", at(null, false), "addresses", "warn", /no address of this server/],
  ["no interface for a virtual address", { virtualAddresses: [{ group: "default", name: "front", address: "192.0.2.10/24", interfaceName: { problem: "no interface of this node has an address in its subnet" } }] }, "virtual-addresses", "fail", /192\.0\.2\.10\/24: no interface/], // biome-ignore format: a table
  ["no virtual address", { virtualAddresses: [] }, "virtual-addresses", "ok", /nothing here needs it/],
  ["a port in use", port("The agent cannot listen: the port is in use"), "ports", "fail", /in use/],
  ["an agent that runs", { ports: [{ setting: "sip.port", where: "x", state: "agent" }] }, "ports", "ok", /running agent's/],
  ["a name that does not resolve", name(false), "names", "warn", /a\.example does not resolve: .*ENOTFOUND/],
  ["listen.host that does not resolve", name(true), "names", "fail", /does not resolve/],
  ["a node that is reached", {}, "other-nodes", "ok", /^192\.0\.2\.12:7400, 192\.0\.2\.12:7401 take connections$/],
  [
    "a node of which one port is not reached",
    unreached("gives no answer within 3 s"),
    "other-nodes",
    "warn",
    /^192\.0\.2\.12:7401 gives no answer within 3 s$/,
  ],
  ["no other node", { others: [] }, "other-nodes", "ok", /nothing here needs it/],
  ["a cloud that is away", cloud({ kind: "unreachable", problem: "it cannot be reached" }), "control-plane", "warn", /cannot be reached/],
  ["an impostor", cloud({ kind: "untrusted", problem: "it shows another certificate" }), "control-plane", "warn", /another certificate/],
  ["a cloud that was not asked", { controlPlane: null }, "control-plane", "ok", /not asked/],
  ["a clock 0.9 s off", clock(900), "clock", "ok", /0\.9 s slow/],
  ["a clock 2 s fast", clock(-2_000), "clock", "warn", /at least 2\.0 s fast compared with https:\/\/cloud/],
  ["a clock 16 s slow", clock(16_000), "clock", "fail", /16\.0 s slow/],
  ["a clock that spoils certificates", cloud({ kind: "clock-wrong", problem: "By this server's clock ..." }), "clock", "fail", /By this/],
  ["nothing that keeps the clock", { timeSource: { problem: "nothing was found" } }, "time-source", "warn", /nothing was found/],
  ["a time source that is lost", { timeSource: { value: { program: "chrony", isSynchronised: false, detail: "", sources: [] } } }, "time-source", "warn", /chrony: not synchronised$/], // biome-ignore format: a table
  ["a directory that cannot be written", { dataDirectory: { problem: "/x cannot be written: EROFS" } }, "data-directory", "fail", /EROFS/],
  ["an NFS share", onDisk({ fileSystem: "nfs4", mountPoint: "/mnt" }), "local-disk", "fail", /is on nfs4 \(\/mnt\)/],
  ["a disk in memory", onDisk({ fileSystem: "tmpfs" }), "local-disk", "warn", /tmpfs/],
  ["63 MiB free", onDisk({ freeBytes: 63 * mebibyte }), "disk-space", "fail", /63 MiB free/],
  ["900 MiB free", onDisk({ freeBytes: 900 * mebibyte }), "disk-space", "warn", /900 MiB free/],
  ["less than two databases", onDisk({}, 1_500 * mebibyte), "disk-space", "warn", /2000 MiB free .* beside a database of 1500 MiB/],
  ["no database yet", database({ kind: "none", hasFolder: true }), "databases", "ok", /comes from the other nodes/],
  ["not even its folder", database({ kind: "none", hasFolder: false }), "databases", "warn", /folder of .* is not there/],
  ["a folder", database({ kind: "folder" }), "databases", "ok", /data set of files/],
  ["a locked database", database({ kind: "busy" }), "databases", "warn", /locked/],
  [
    "no database at all",
    database({ kind: "unreadable", problem: "/srv/crm.sqlite is not an SQLite database" }),
    "databases",
    "fail",
    /is not/,
  ],
  [
    "a table without a key",
    database({ kind: "database", tables: 1, problems: [noKey], isDeclared: false }),
    "databases",
    "warn",
    /journal/,
  ],
  ["one that is not declared local", database({ kind: "database", tables: 1, problems: [noKey], isDeclared: true }), "databases", "fail", /journal/], // biome-ignore format: a table
  ["another system", { system: { ...system, os: "Darwin" } }, "kernel", "fail", /^Darwin/],
  ["Linux 4.4", { system: { ...system, kernel: "4.4.0" } }, "kernel", "fail", /4\.4/],
  ["Linux 5.15", { system: { ...system, kernel: "5.15.0-130-generic" } }, "kernel", "warn", /5\.15/],
  ["Linux 5.16", { system: { ...system, kernel: "5.16" } }, "kernel", "ok", /5\.16/],
  ["an old runtime", { system: { ...system, node: "22.9.0" } }, "versions", "fail", /Node\.js 22/],
  ["200 MiB of memory", { system: { ...system, memory: { totalBytes: 200 * mebibyte, availableBytes: 100 * mebibyte } } }, "memory", "fail", /100 of 200 MiB/], // biome-ignore format: a table
  ["little memory left", { system: { ...system, memory: { totalBytes: 4_096 * mebibyte, availableBytes: 100 * mebibyte } } }, "memory", "warn", /100 of 4096/], // biome-ignore format: a table
  ["one processor", { system: { ...system, processors: 1 } }, "processors", "warn", /^1$/],
  ["no nft", { tools: [{ tool: "nft", package: "nftables", costs: "3 s", isThere: false }] }, "tools", "warn", /package nftables\): 3 s/],
  ["a kernel without the gate", { addressGate: { problem: "Error: Could not process rule" } }, "address-gate", "warn", /Could not process/],
  ["an ordinary user", { capabilities: { value: ["CAP_NET_RAW"] } }, "privileges", "warn", /no CAP_NET_ADMIN: .*; no CAP_SYS_NICE: /],
];

const resultOf = (facts: Partial<PreflightFacts>, id: string) => preflight({ ...wellServer, ...facts }).find((result) => result.id === id);

describe("preflight", () => {
  it("a server on which all is as it should be: every check is ok, and none has a next step", () => {
    const results = preflight(wellServer);
    expect(results.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(results.every(({ nextStep }) => nextStep === null)).toBe(true);
    expect(results.map(({ id }) => id)).toEqual(preflightChecks.map(({ id }) => id));
  });

  it.each(cases)("%s", (_situation, facts, id, outcome, seen) => {
    const result = resultOf(facts, id);
    expect(result).toMatchObject({ outcome, seen: expect.stringMatching(seen) as string });
    expect(result?.nextStep === null).toBe(outcome === "ok");
    const others = preflight({ ...wellServer, ...facts }).filter((other) => other.id !== id && other.outcome !== "ok");
    expect(others.filter((other) => other.id !== "clock")).toEqual([]);
  });

  it.each(preflightChecks.map((check) => [check.id, check] as const))(
    "%s does what its row says: warns, or fails, or never",
    (id, check) => {
      const shown = new Set(cases.flatMap(([, , of, outcome]) => (of === id ? [outcome] : [])));
      expect([shown.has("warn"), shown.has("fail")]).toEqual([check.warns !== null, check.fails !== null]);
    },
  );
});

const essence = (facts: Partial<PreflightFacts>): unknown =>
  preflightEssence(preflightReport("2026-11-22T10:00:00.000Z", preflight({ ...wellServer, ...facts }), []));

describe("the report of a preflight", () => {
  const tools = Array.from({ length: 40 }, (_, index) => ({ tool: `t${index}`, package: "p", costs: "x".repeat(1_000), isThere: false }));
  const many = preflight({ ...wellServer, ...at(null), tools });

  it("tells beside it whom it reaches and what keeps its clock, bounded; what it does not reach is news", () => {
    const facts = { ...wellServer, ...unreached("x".repeat(200)) };
    const beside = besideOthers(facts);
    expect(beside.timeSource).toEqual({ program: "chrony", isSynchronised: true, sources: ["192.0.2.1"] });
    expect(beside.reach.tried).toEqual(["node_00000000000000000002"]);
    expect(beside.reach.unreached).toMatchObject([{ path: "main", port: "replication", problem: "x".repeat(60) }]);
    const report = preflightReport("2026-11-22T10:00:00.000Z", preflight(facts), [], beside);
    expect(preflightReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const well = preflightReport("2026-11-22T10:00:00.000Z", preflight(facts), [], besideOthers(wellServer));
    expect(preflightEssence(report)).not.toEqual(preflightEssence(well));
    expect(besideOthers({ ...facts, timeSource: { problem: "no chrony" } }).timeSource).toMatchObject({
      program: "nothing",
      isSynchronised: false,
    });
  });

  it("has what is not well, worst first and bounded, and keeps to its schema", () => {
    const report = preflightReport("2026-11-22T10:00:00.000Z", many, ["addresses"]);
    expect(report.findings[0]).toMatchObject({ id: "addresses", outcome: "fail" });
    expect(report.findings).toHaveLength(preflightFindingsMax);
    expect(report.leftOut).toBe(41 - preflightFindingsMax);
    expect(report.ok).toBe(many.length - 41);
    expect(preflightReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it("is news where an outcome is another, and not where only a figure is", () => {
    expect(essence(onDisk({ freeBytes: 900 * mebibyte }))).toEqual(essence(onDisk({ freeBytes: 800 * mebibyte })));
    expect(essence(onDisk({ freeBytes: 900 * mebibyte }))).not.toEqual(essence(onDisk({ freeBytes: 10 * mebibyte })));
  });
});

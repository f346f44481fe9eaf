import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepPreflight, PreflightBook } from "../../../agent/preflight/preflight-book.ts";
import { PreflightWatch } from "../../../agent/preflight/preflight-watch.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { PreflightResult } from "../../../shared/domain/preflight/preflight-check.ts";
import { preflight } from "../../../shared/domain/preflight/preflight-checks.ts";
import { besideOthers, preflightReport } from "../../../shared/domain/preflight/preflight-report.ts";
import { wellServer } from "../../shared/domain/preflight/well-server.ts";

const at = "2026-11-22T10:00:00.000Z";
const wrongClock = preflight({
  ...wellServer,
  controlPlane: { origin: "https://cloud.example.com", answer: { kind: "answered", clockAheadMs: 60_000 } },
});
let folder = "";
let path = "";
let told: EventDetail[] = [];
let troubles: string[] = [];
let results: readonly PreflightResult[] | Error = [];
let looks = 0;
let watch: PreflightWatch | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-preflight-"));
  path = join(folder, "preflight.json");
  [told, troubles, results, looks] = [[], [], preflight(wellServer), 0];
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true });
});

async function open(everyMs = 3_600_000): Promise<PreflightWatch> {
  watch?.close();
  watch = await PreflightWatch.open({
    path,
    look: async () => {
      looks += 1;
      if (results instanceof Error) throw results;
      return { results, beside: besideOthers(wellServer) };
    },
    wallClock: () => new Date(at),
    record: (detail) => told.push(detail),
    onTrouble: (reason) => troubles.push(reason),
    firstAfterMs: 1,
    everyMs,
  });
  return watch;
}

it("joined in spite of a failed check: told once, over restarts, and forgotten when the check is well again", async () => {
  await keepPreflight(path, preflightReport(at, wrongClock, ["clock"]), true);
  results = wrongClock;
  expect((await open()).report?.despite).toEqual(["clock"]);
  expect(told).toEqual([{ kind: "preflight.overridden", checks: ["clock"] }]);
  await vi.waitFor(() => expect(looks).toBe(1));
  expect((await open()).report?.despite).toEqual(["clock"]);
  expect(told).toHaveLength(1);
  results = preflight(wellServer);
  const last = await open();
  await vi.waitFor(() => expect(last.report?.findings).toEqual([]));
  expect(last.report).not.toHaveProperty("despite");
  expect(troubles).toEqual([]);
});

it("looks again and again, goes on after a look that failed, and keeps what it found for the next start", async () => {
  results = new Error("EMFILE");
  const one = await open(1);
  expect(one.report).toBeNull();
  await vi.waitFor(() => expect(troubles[0]).toMatch(/could not be looked at: EMFILE/));
  results = wrongClock;
  await vi.waitFor(() => expect(one.report?.findings).toMatchObject([{ id: "clock", outcome: "fail" }]));
  one.close();
  await vi.waitFor(() => expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ report: { at }, isUntold: false }));
  expect(one.report?.beside).toEqual(besideOthers(wellServer));
  expect((await PreflightBook.open(path, () => {})).report).toEqual(one.report);
});

it("a damaged file is told, and costs nothing else", async () => {
  writeFileSync(path, '{"report":');
  const one = await open();
  expect(troubles[0]).toMatch(/cannot be read: .*preflight\.json/);
  await vi.waitFor(() => expect(one.report?.ok).toBeGreaterThan(0));
});

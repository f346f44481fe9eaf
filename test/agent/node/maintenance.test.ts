import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Maintenance } from "../../../agent/node/maintenance.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";

describe("maintenance", () => {
  let folder = "";
  let path = "";
  let now = "";
  let told: EventDetail[] = [];
  let troubles: string[] = [];
  const open = (): Promise<Maintenance> =>
    Maintenance.open({
      path,
      wallClock: () => new Date(now),
      onChange: (detail) => told.push(detail),
      onTrouble: (reason) => troubles.push(reason),
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-maintenance-"));
    path = join(folder, "maintenance.json");
    now = "2026-11-01T12:00:00.000Z";
    [told, troubles] = [[], []];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("outlives a restart, with its reason and the time of its beginning, until it is ended", async () => {
    const before = await open();
    expect(before.problem).toBeNull();
    await before.begin("a new disk");
    now = "2026-11-01T12:10:00.000Z";
    const after = await open();
    expect(after.work).toEqual({ since: "2026-11-01T12:00:00.000Z", reason: "a new disk" });
    expect(after.problem).toBe("it is in maintenance: a new disk");
    await after.end();
    expect(told).toEqual([
      { kind: "node.maintenance-begun", reason: "a new disk" },
      { kind: "node.maintenance-over", lastedMs: 600_000 },
    ]);
    expect((await open()).work).toBeNull();
  });

  it("begun again it keeps the time of its beginning; ended where it was not begun, nothing is told", async () => {
    const maintenance = await open();
    await maintenance.end();
    expect(told).toEqual([]);
    await maintenance.begin("a new disk");
    now = "2026-11-01T13:00:00.000Z";
    await maintenance.begin("and more memory");
    expect(maintenance.work).toEqual({ since: "2026-11-01T12:00:00.000Z", reason: "and more memory" });
  });

  it("that cannot be kept on disk has not begun", async () => {
    path = join(folder, "missing", "maintenance.json");
    const maintenance = await open();
    await expect(maintenance.begin("a new disk")).rejects.toThrow(/ENOENT/);
    expect({ work: maintenance.work, told }).toEqual({ work: null, told: [] });
  });

  it("a damaged record counts as maintenance, and is told", async () => {
    writeFileSync(path, '{"since":');
    const maintenance = await open();
    expect(maintenance.problem).toMatch(/its record is damaged/);
    expect(troubles).toHaveLength(1);
    await maintenance.end();
    expect((await open()).problem).toBeNull();
  });
});

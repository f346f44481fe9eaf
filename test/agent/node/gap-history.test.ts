import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GapHistory } from "../../../agent/node/gap-history.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { mainPath } from "../../../shared/domain/membership/lan-path.ts";
import { gapCount } from "../../../shared/domain/monitoring/gap-histogram.ts";

const peer = "node_bbbbbbbbbbbbbbbbbbbb" as NodeId;

describe("the history of gaps", () => {
  let folder = "";
  let path = "";
  let today = "2026-11-01";
  const troubles: string[] = [];
  const open = () =>
    GapHistory.open({ path, wallClock: () => new Date(`${today}T12:00:00Z`), onTrouble: (reason) => troubles.push(reason) });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-gaps-"));
    path = join(folder, "gaps.json");
    troubles.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is there again after a restart, day by day", async () => {
    const history = await open();
    today = "2026-11-01";
    history.add({ peers: { [peer]: { [mainPath]: [100, 101] } }, own: [] });
    today = "2026-11-02";
    history.add({ peers: { [peer]: { [mainPath]: [400] } }, own: [250] });
    await history.close();
    const again = await open();
    again.add({ peers: { [peer]: { [mainPath]: [100] } }, own: [] });
    expect(again.days.map(({ day, peers, own }) => [day, gapCount(peers[peer]?.[mainPath] ?? own), gapCount(own)])).toEqual([
      ["2026-11-01", 2, 0],
      ["2026-11-02", 2, 1],
    ]);
    await again.close();
    expect(troubles).toEqual([]);
  });

  it("keeps thirty days", async () => {
    const history = await open();
    for (let day = 1; day <= 28; day += 1) {
      for (const month of ["11", "12"]) {
        today = `2026-${month}-${String(day).padStart(2, "0")}`;
        history.add({ peers: { [peer]: { [mainPath]: [100] } }, own: [] });
      }
    }
    expect(history.days).toHaveLength(30);
    expect(history.days.at(-1)?.day).toBe("2026-12-28");
    await history.close();
  });

  it("a damaged file is told and begun anew, and the next one can be read", async () => {
    writeFileSync(path, '[{"day":"yesterday"}]');
    const history = await open();
    expect(troubles).toEqual([expect.stringContaining("cannot be read and is begun anew")]);
    history.add({ peers: { [peer]: { [mainPath]: [100] } }, own: [] });
    await history.close();
    expect(JSON.parse(readFileSync(path, "utf8"))).toHaveLength(1);
  });

  it("a file that cannot be written is told, and the counting goes on", async () => {
    path = join(folder, "gone", "gaps.json");
    const history = await open();
    history.add({ peers: { [peer]: { [mainPath]: [100] } }, own: [] });
    await history.close();
    expect(troubles).toEqual([expect.stringContaining("cannot be kept on disk")]);
    expect(history.days).toHaveLength(1);
  });
});

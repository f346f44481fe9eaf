import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommitWatch } from "../../../agent/replication/commit-watch.ts";
import { waitFor } from "./loopback-cluster.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-watch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("looks on after a write that was reported: a commit that is synced shows later, and nothing reports that", async () => {
  const path = join(folder, "application.sqlite");
  writeFileSync(path, "");
  const looks: number[] = [];
  const watch = new CommitWatch(path, () => looks.push(performance.now()));
  try {
    appendFileSync(`${path}-wal`, "frames");
    const reportedMs = performance.now();
    await waitFor("a dozen looks", () => looks.length >= 12);
    expect((looks[11] ?? 0) - reportedMs).toBeLessThan(400);
    // They become rarer, and end: what is left is the look now and then.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const before = looks.length;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(looks.length - before).toBeLessThanOrEqual(3);
  } finally {
    watch.close();
  }
});

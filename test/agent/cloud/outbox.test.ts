import { fork } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../../agent/cloud/outbox.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { testEvent } from "../processes/test-event.ts";

function idsOf(outbox: Outbox): string[] {
  return outbox.oldest(1_000, 1e9).map(({ eventId }) => eventId);
}

function takeover(id: string): ClusterEvent {
  return testEvent(id, { kind: "group.safe-halt", group: "default" as never, epoch: 1, reason: "test" });
}

describe("outbox", () => {
  let folder = "";
  let path = "";
  let troubles: (string | null)[] = [];
  const opened: Outbox[] = [];
  const open = async (eventsMax = 100): Promise<Outbox> => {
    const outbox = await Outbox.open({
      path,
      eventsMax,
      overflowEvent: (dropped) => testEvent(`overflow-${dropped}`, { kind: "outbox.overflow", dropped }),
      onTrouble: (reason) => troubles.push(reason),
    });
    opened.push(outbox);
    return outbox;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-outbox-"));
    path = join(folder, "outbox.log");
    troubles = [];
  });
  afterEach(async () => {
    for (const outbox of opened.splice(0)) await outbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("keeps every event, in order, until its receipt, over restarts", async () => {
    const outbox = await open();
    for (const id of ["a", "b", "c"]) outbox.add(testEvent(id));
    outbox.add(testEvent("b"));
    expect(outbox.remove(["b", "unknown"])).toBe(1);
    await outbox.written();
    expect(idsOf(await open())).toEqual(["a", "c"]);
  });

  it("an event whose line a crash cut off is as if never written, and the rest is there", async () => {
    const outbox = await open();
    outbox.add(testEvent("a"));
    await outbox.written();
    appendFileSync(path, '{"add":{"eventId":"b","clu');
    const again = await open();
    expect(idsOf(again)).toEqual(["a"]);
    again.add(testEvent("c"));
    await again.written();
    expect(idsOf(await open())).toEqual(["a", "c"]);
  });

  it("full: the oldest informational events go first, and one event counts them", async () => {
    const outbox = await open(4);
    outbox.add(takeover("critical-1"));
    for (const id of ["info-1", "info-2", "info-3"]) outbox.add(testEvent(id));
    outbox.add(takeover("critical-2"));
    expect(idsOf(outbox)).toEqual(["critical-1", "info-3", "overflow-2", "critical-2"]);
    outbox.add(takeover("critical-3"));
    expect(idsOf(outbox)).toEqual(["critical-1", "critical-2", "overflow-3", "critical-3"]);
    outbox.add(takeover("critical-4"));
    expect(idsOf(outbox)).toEqual(["critical-2", "critical-3", "overflow-4", "critical-4"]);
    await outbox.written();
    expect(idsOf(await open(4))).toEqual(["critical-2", "critical-3", "overflow-4", "critical-4"]);
  });

  it("a batch is bounded in count and in bytes, and never empty while something waits", async () => {
    const outbox = await open();
    for (const id of ["a", "b", "c"]) outbox.add(testEvent(id));
    expect(outbox.oldest(2, 1e9)).toHaveLength(2);
    expect(outbox.oldest(50, 10)).toHaveLength(1);
  });

  it("the file does not grow for ever: receipts make it small again", async () => {
    const outbox = await open(10_000);
    for (let index = 0; index < 1_500; index += 1) {
      outbox.add(testEvent(`event-${index}`));
      outbox.remove([`event-${index}`]);
      if (index % 50 === 0) await outbox.written();
    }
    await outbox.written();
    expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(1_200);
  });

  it("a disk that refuses to write is told once; events stay, and are on disk when it works again", async () => {
    rmSync(folder, { recursive: true });
    const outbox = await open();
    outbox.add(testEvent("a"));
    await outbox.written();
    outbox.add(testEvent("b"));
    expect(troubles).toEqual([expect.stringMatching(/cannot be written: ENOENT/)]);
    expect(idsOf(outbox)).toEqual(["a", "b"]);
    mkdirSync(folder);
    await expect.poll(() => outbox.trouble, { timeout: 8_000 }).toBe(null);
    expect(idsOf(await open())).toEqual(["a", "b"]);
  });

  it("killed with -9 at any moment: every event that was reported as written is there", async () => {
    for (let round = 0; round < 8; round += 1) {
      rmSync(path, { force: true });
      const child = fork(join(import.meta.dirname, "../processes/outbox-writer.ts"), [path], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      const written = new Set<string>();
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.on("message", (message) => {
        const { added, removed } = message as { added: string[]; removed: string[] };
        for (const id of added) written.add(id);
        for (const id of removed) written.delete(id);
        if (written.size > 20 + round * 7) child.kill("SIGKILL");
      });
      await exited;
      const found = new Set(idsOf(await open(10_000)));
      const lost = [...written].filter((id) => !found.has(id));
      expect(lost).toEqual([]);
      expect(written.size).toBeGreaterThan(0);
    }
  });

  it("a file of nonsense does not stop the agent", async () => {
    writeFileSync(path, "\u0000\u0000nonsense\n{}\n");
    expect((await open()).size).toBe(0);
  });
});

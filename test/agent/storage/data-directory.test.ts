import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leaveCleanStop, takeCleanStop } from "../../../agent/storage/clean-stop-proof.ts";
import { openDataDirectory } from "../../../agent/storage/data-directory.ts";
import { lockDataDirectory } from "../../../agent/storage/data-directory-lock.ts";
import { writeDurably } from "../../../agent/storage/durable-file.ts";
import { advanceNodeRecord, writeNodeRecord } from "../../../agent/storage/node-record.ts";

describe("data directory", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "understudy-data-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is made for the agent's user alone", async () => {
    const paths = await openDataDirectory(join(root, "deep", "agent"));
    expect(statSync(paths.root).mode & 0o777).toBe(0o700);
  });

  it("a file where the directory should be: named, with the next step", async () => {
    writeFileSync(join(root, "agent"), "");
    await expect(openDataDirectory(join(root, "agent"))).rejects.toMatchObject({
      code: "data-dir-unusable",
      nextStep: expect.stringMatching(/dataDir/) as string,
    });
  });

  it("one agent at a time, under whatever path it knows the directory", async () => {
    const lock = await lockDataDirectory(root);
    await expect(lockDataDirectory(`${root}/../${root.split("/").at(-1)}`)).rejects.toMatchObject({ code: "already-running" });
    await lock.release();
    await (await lockDataDirectory(root)).release();
  });

  it("a write that fails leaves the old content, and no rubbish", async () => {
    const path = join(root, "file");
    await writeDurably(path, "old");
    await expect(writeDurably(join(root, "nowhere", "file"), "new")).rejects.toThrow(/ENOENT/);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("every start has a higher incarnation and keeps the epochs that were reserved", async () => {
    const path = join(root, "record.json");
    expect(await advanceNodeRecord(path)).toEqual({ incarnation: 1, epochCeilings: {}, longPromises: {}, soles: {} });
    await writeNodeRecord(path, { incarnation: 5, epochCeilings: { default: 40 } as never, longPromises: {}, soles: {} });
    expect(await advanceNodeRecord(path)).toEqual({ incarnation: 6, epochCeilings: { default: 40 }, longPromises: {}, soles: {} });
    expect(await advanceNodeRecord(path)).toMatchObject({ incarnation: 7 });
  });

  it("a damaged record stops the start: a node that has forgotten its promises may not vote", async () => {
    const path = join(root, "record.json");
    writeFileSync(path, "{");
    await expect(advanceNodeRecord(path)).rejects.toMatchObject({ code: "data-dir-unusable" });
  });

  it("the proof of a clean stop serves once, and only within the same boot", async () => {
    const path = join(root, "clean-stop.json");
    const proof = {
      grants: [
        {
          group: "default",
          to: "node_00000000000000000001",
          toIncarnation: 1,
          epoch: 2,
          requestId: 3,
          untilUs: 4,
          long: null,
          longVoidUpTo: 0,
        },
      ],
    } as never;
    await leaveCleanStop(path, proof);
    expect(await takeCleanStop(path)).toEqual(proof);
    expect(await takeCleanStop(path)).toBe(null);
    await leaveCleanStop(path, proof);
    writeFileSync(path, readFileSync(path, "utf8").replace(/"bootId":"[^"]*"/, '"bootId":"an-older-boot"'));
    expect(await takeCleanStop(path)).toBe(null);
    writeFileSync(path, "nonsense");
    expect(await takeCleanStop(path)).toBe(null);
  });
});

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LoopbackCluster, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)(
  "the disk is full while changes are applied: said with the next step, nothing half shown, and it goes on by itself when there is room",
  async () => {
    await using cluster = await LoopbackCluster.make(2);
    const [first, second] = [cluster.node(0), cluster.node(1)];
    mkdirSync(second.folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", second.folder]);
    try {
      createMusicShop(first.database);
      await cluster.start();
      const filler = join(second.folder, "filler");
      writeFileSync(filler, Buffer.alloc(6 * 1_024 * 1_024));
      using shop = openShop(first.database);
      shop.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO setting SELECT 'large ' || i, randomblob(40000) FROM n",
      );
      await waitFor("the problem", () => second.dataSet?.problem?.includes("disk that holds") && second.dataSet.behind === 50, 15_000);
      expect(second.dataSet?.phase).toBe("following");
      expect(second.dataSet?.problem).toContain("full: free space; replication goes on by itself");
      {
        using replica = openShop(second.database);
        expect(replica.prepare("SELECT count(*) AS count FROM setting WHERE name LIKE 'large%'").get()).toEqual({ count: 0 });
      }
      rmSync(filler);
      await cluster.equal(15_000);
      expect(second.failures).toEqual([]);
      await waitFor("no problem", () => second.dataSet?.problem === undefined);
    } finally {
      await second.stop();
      execFileSync("umount", [second.folder]);
    }
  },
);

import { expect, test, vi } from "vitest";
import { AwaySite, type Found, writtenAlone } from "../../bench/away/away-site.ts";
import { waitFor } from "./loopback-cluster.ts";

// As `npm run bench:away`, on a smaller scale. Both wait for most of their time.
vi.setConfig({ testTimeout: 120_000 });

const [rows, times] = [10_000, 10];
const asItShouldBe: Found = {
  rows: rows + writtenAlone.added,
  different: 0,
  ...writtenAlone,
  settings: [["name first"], ["name second", "written while away"]],
};

test.concurrent("100,000 changes pass while a node is away, and the log still has them: it takes just these", async () => {
  await using site = await AwaySite.start(rows, {});
  await site.away();
  site.change(times, 500);
  site.writeAlone();
  const { freshCopy } = await site.back(60_000);
  expect(freshCopy).toBeUndefined();
  expect(site.found()).toEqual(asItShouldBe);
});

test.concurrent("they have left the log: it takes a fresh copy by itself, keeps what it alone has written, and its local tables are not touched", async () => {
  await using site = await AwaySite.start(rows, { logChangesMax: 1_000, logAgeMsMin: 0 });
  await site.away();
  // In one transaction: of several the later ones are sealed, and may go, only some seconds after the first.
  site.changeAtOnce(times);
  await waitFor("the log to be short", () => site.entriesInLog <= 1_000, 40_000);
  site.writeAlone();
  const { freshCopy } = await site.back(60_000);
  expect(freshCopy).toMatchObject({ dataSet: "application" });
  expect(site.found()).toEqual(asItShouldBe);
});

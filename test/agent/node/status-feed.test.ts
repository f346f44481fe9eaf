import { expect, it } from "vitest";
import type { ReportedStatus } from "../../../agent/node/loop-messages.ts";
import { StatusFeed } from "../../../agent/node/status-feed.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";

const group = "default" as GroupName;
const knowing = (problem: string): ReportedStatus => ({ dataSets: [], groupProblems: { [group]: problem } });

it("status on its way to the core: told at once, and again with every beat; before the first one there is nothing to tell", () => {
  const told: string[] = [];
  const feed = new StatusFeed(({ groupProblems }) => told.push(groupProblems[group] ?? ""));
  feed.repeat();
  feed.report(knowing("one"));
  feed.repeat();
  feed.report(knowing("two"));
  expect(told).toEqual(["one", "one", "two"]);
});

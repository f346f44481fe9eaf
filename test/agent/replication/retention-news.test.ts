import { expect, it } from "vitest";
import { RetentionNews } from "../../../agent/replication/retention-news.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";

const [b, c] = ["node_b", "node_c"] as [NodeId, NodeId];

function filled(node: NodeId, usedPercent: number): EventDetail {
  return { kind: "replication.log-filling", dataSet: "calls", node, usedPercent, of: "changes" };
}

it("a log that fills up is told at 80 %, once for each member that is away, and anew once it was below 70 %", () => {
  const told: EventDetail[] = [];
  const news = new RetentionNews((detail) => told.push(detail));
  const look = (percent: number, ...lacking: NodeId[]) => {
    news.look("calls", { percent, of: "changes" }, lacking);
    return told.splice(0);
  };
  expect(look(79.9, b)).toEqual([]);
  expect(look(80.1, b)).toEqual([filled(b, 80)]);
  expect(look(90, b)).toEqual([]);
  expect(look(95.5, b, c)).toEqual([filled(c, 95)]);
  expect(look(75, b)).toEqual([]);
  expect(look(85, b)).toEqual([]);
  expect(look(60, b)).toEqual([]);
  // It may stay over its limit for a while: entries that are younger than a minute stay.
  expect(look(130, b)).toEqual([filled(b, 100)]);
});

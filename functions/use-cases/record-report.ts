import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { standingIn } from "../../shared/domain/monitoring/node-report.ts";
import { nodeReportSchema } from "../../shared/protocol/cloud-messages.ts";
import type { Dependencies } from "../dependencies.ts";
import { promoteLearner } from "./promote-learner.ts";
import type { AuthenticatedNode } from "./record-events.ts";
import { refreshSummary } from "./refresh-summary.ts";
import { settleWitnessVote } from "./settle-witness-vote.ts";

/** Keeps the node's newest report, and promotes whom it shows ready. One that is not its own, or no report, is logged and dropped: the next comes by itself. */
export async function recordReport(dependencies: Dependencies, sender: AuthenticatedNode, message: unknown): Promise<void> {
  const { stores, nowMs, log } = dependencies;
  const parsed = nodeReportSchema.safeParse(message);
  if (!parsed.success) {
    log.warn(
      { ...sender, problems: z.prettifyError(parsed.error).slice(0, 1_000) },
      "a report was refused: it does not keep to the schema",
    );
    return;
  }
  const report = parsed.data;
  if (report.clusterId !== sender.clusterId || report.nodeId !== sender.nodeId) {
    log.warn({ ...sender, names: report.nodeId }, "a report was refused: it speaks for another node");
    return;
  }
  const outcome = await stores.reports.put({ report, receivedAt: new Date(nowMs()).toISOString() });
  if (outcome === "older") return;
  if (outcome.before === null || !isDeepStrictEqual(standingIn(outcome.before), standingIn(report))) {
    await refreshSummary(dependencies, report.clusterId, ["status"]);
  }
  // Read after the report is there: of several that come at once, the last one to be kept finds them all.
  const cluster = await stores.clusters.find(report.clusterId);
  if (cluster === undefined) return;
  await promoteLearner(dependencies, cluster.document);
  await settleWitnessVote(dependencies, cluster.document);
}

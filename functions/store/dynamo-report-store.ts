import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import type { ReportStore, StoredReport } from "./report-store.ts";
import { below, clusterPk, keyOf } from "./table-keys.ts";

export class DynamoReportStore implements ReportStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async put({ report, receivedAt }: StoredReport): Promise<"older" | { readonly before: NodeReport | null }> {
    const { incarnation } = report;
    const atMs = Date.parse(report.at);
    const replaced = await this.#table.replace(
      { ...keyOf.report(report.clusterId, report.nodeId), incarnation, atMs, receivedAt, report: packed(report) },
      {
        ConditionExpression: "attribute_not_exists(pk) OR incarnation < :incarnation OR (incarnation = :incarnation AND atMs <= :at)",
        ExpressionAttributeValues: { ":incarnation": incarnation, ":at": atMs },
      },
    );
    if (replaced === undefined) return "older";
    return { before: replaced === null ? null : unpacked(replaced["report"]) };
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly StoredReport[]> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.report);
    return items.map((item) => ({ report: unpacked(item["report"]), receivedAt: item["receivedAt"] as string }));
  }
}

/** A table charges each KB that is written: so a node's report takes one, and not two. */
function packed(report: NodeReport): Uint8Array {
  return deflateRawSync(JSON.stringify(report));
}

/** Those of earlier versions lie there as they are. */
function unpacked(kept: unknown): NodeReport {
  return kept instanceof Uint8Array ? (JSON.parse(inflateRawSync(kept).toString("utf8")) as NodeReport) : (kept as NodeReport);
}

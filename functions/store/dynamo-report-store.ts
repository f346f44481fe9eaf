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
      { ...keyOf.report(report.clusterId, report.nodeId), incarnation, atMs, receivedAt, report },
      {
        ConditionExpression: "attribute_not_exists(pk) OR incarnation < :incarnation OR (incarnation = :incarnation AND atMs <= :at)",
        ExpressionAttributeValues: { ":incarnation": incarnation, ":at": atMs },
      },
    );
    if (replaced === undefined) return "older";
    return { before: (replaced?.["report"] as NodeReport | undefined) ?? null };
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly StoredReport[]> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.report);
    return items.map((item) => ({ report: item["report"] as NodeReport, receivedAt: item["receivedAt"] as string }));
  }
}

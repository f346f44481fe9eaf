import type { OpenAPIHono } from "@hono/zod-openapi";
import { dataSetPathSchema, dryRunQuerySchema, putDataSetSchema } from "../../shared/protocol/api-contract.ts";
import { dataSetChange, dataSetRemoval } from "../use-cases/change-data-set.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { jsonBody, requiredVersion } from "./route-parts.ts";

const put = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/data-sets/{dataSet}",
  "x-access": { role: "operator", reach: "customer" },
  tags: ["data sets"],
  summary: "Declare a data set, or change its declaration",
  description:
    "sqlite: an application's own database; each node's settings say where its file lies, and no node without one takes a group. Its `conflicts` say by table what becomes of a row that two nodes have written apart: the newest write stands (also where nothing is said), that of the node which comes first in an order of node ids (priority), the earlier one until somebody decides (manual), or of each column the newest (columns). Its `clock` says what becomes of a node's writes while that node's clock differs from the others' by more than `skewMsMax` milliseconds: they wait there (inhibit, also where nothing is said; 15,000 then) or go out in logical order (hlc). config and state: records that the agents keep, written by whoever holds the group that is named. files: a folder that follows the one of that node; where it lies each node's settings say. shared: a database that all nodes use; nothing of it is replicated, each node looks whether it answers, as its settings say, and tells it. If-Match must carry the ETag of the cluster as it was read; a change in between is refused with the version that is there now as ETag. With dryRun nothing is changed, and what would follow is said.",
  request: { params: dataSetPathSchema, query: dryRunQuerySchema, body: jsonBody(putDataSetSchema) },
  responses: changeAnswers,
});

const remove = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/data-sets/{dataSet}",
  "x-access": { role: "operator", reach: "customer" },
  tags: ["data sets"],
  summary: "Remove the declaration of a data set; what the nodes have of it stays on their disks",
  description:
    "Refused while a trigger keeps its log there, and always for an application's own database. If-Match as for its declaration. With dryRun nothing is changed, and what would follow is said.",
  request: { params: dataSetPathSchema, query: dryRunQuerySchema },
  responses: changeAnswers,
});

export function dataSetRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(put, async (c) => {
    const { clusterId, dataSet: name } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: dataSetChange({ ...c.req.valid("json"), name }),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(remove, async (c) =>
    changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: dataSetRemoval(c.req.valid("param").dataSet),
      expectedVersion: requiredVersion(c),
      dryRun: c.req.valid("query").dryRun,
    }),
  );
}

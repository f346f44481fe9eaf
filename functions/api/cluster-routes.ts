import type { OpenAPIHono } from "@hono/zod-openapi";
import {
  clusterListSchema,
  clusterSchema,
  clusterStateSchema,
  createClusterSchema,
  dryRunQuerySchema,
  patchClusterSchema,
  putWhenAloneSchema,
} from "../../shared/protocol/api-contract.ts";
import { clusterChange } from "../use-cases/change-cluster.ts";
import { whenAloneChange } from "../use-cases/change-when-alone.ts";
import { createCluster } from "../use-cases/create-cluster.ts";
import { clusterOrRefuse, customerOrRefuse } from "../use-cases/find-or-refuse.ts";
import { readClusterState } from "../use-cases/read-cluster-state.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { clusterAnswer, clusterBody } from "./cluster-answer.ts";
import { answer, answers, clusterPath, customerPath, jsonBody, setVersionTag, versionFromIfMatch } from "./route-parts.ts";

const tags = ["clusters"];

const create = apiRoute({
  method: "post",
  path: "/v1/customers/{customerId}/clusters",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Add a cluster, without nodes",
  request: { params: customerPath, body: jsonBody(createClusterSchema) },
  responses: answers(201, "the new cluster; its version is the ETag", clusterSchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/clusters",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "The clusters of a customer",
  request: { params: customerPath },
  responses: answers(200, "the clusters", clusterListSchema),
});
const read = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "One cluster",
  request: { params: clusterPath },
  responses: answers(200, "the cluster; its version is the ETag", clusterSchema),
});
const change = apiRoute({
  method: "patch",
  path: "/v1/clusters/{clusterId}",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Another name of the cluster, or its nodes in another order of the ring, while everything runs",
  description: "With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(patchClusterSchema) },
  responses: changeAnswers,
});
const putWhenAlone = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/when-alone",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "What two nodes without a witness do when they lose each other",
  description:
    "stop: nobody goes on, and nothing can run twice. survivor: the operational node goes on; the other one never takes over by itself, only at an operator's word (understudy agent takeover), who answers for the first one being down. probe: as survivor, and the other one takes over by itself where nobody answers for the group's addresses while a gateway answers. With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(putWhenAloneSchema) },
  responses: changeAnswers,
});
const state = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/state",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "The cluster, what its nodes last reported, and which of them the cloud can see",
  request: { params: clusterPath },
  responses: answers(200, "the state", clusterStateSchema),
});

export function clusterRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(create, async (c) => {
    const cluster = await createCluster(c.get("acting"), c.req.valid("param").customerId, c.req.valid("json"));
    return clusterAnswer(c, cluster, 201);
  });
  api.openapi(list, async (c) => {
    const { customerId } = await customerOrRefuse(c.get("acting"), c.req.valid("param").customerId);
    const clusters = await c.get("acting").stores.clusters.listOfCustomer(customerId);
    return answer(c, clusterListSchema, 200, {
      clusters: await Promise.all(clusters.map((cluster) => clusterBody(c.get("acting"), cluster))),
    });
  });
  api.openapi(read, async (c) => {
    const cluster = await clusterOrRefuse(c.get("acting"), c.req.valid("param").clusterId);
    return clusterAnswer(c, cluster, 200);
  });
  api.openapi(putWhenAlone, async (c) => {
    return changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: whenAloneChange(c.req.valid("json").whenAlone),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(change, async (c) => {
    const { clusterId } = c.req.valid("param");
    return changeAnswer(c, {
      clusterId,
      change: clusterChange(c.req.valid("json")),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
  api.openapi(state, async (c) => {
    const current = await readClusterState(c.get("acting"), c.req.valid("param").clusterId);
    setVersionTag(c, current.document.version);
    return answer(c, clusterStateSchema, 200, current);
  });
}

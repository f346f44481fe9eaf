import type { OpenAPIHono } from "@hono/zod-openapi";
import { issueLicenceSchema, licenceListSchema, licenceSchema } from "../../shared/protocol/api-contract.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { clusterOrRefuse } from "../use-cases/find-or-refuse.ts";
import { issueLicence } from "../use-cases/issue-licence.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath, jsonBody } from "./route-parts.ts";

const tags = ["licences"];

const issue = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/licences",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Issue a licence: it adds to those that the cluster has",
  request: { params: clusterPath, body: jsonBody(issueLicenceSchema) },
  responses: answers(201, "the signed licence", licenceSchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/licences",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "The licences of a cluster",
  request: { params: clusterPath },
  responses: answers(200, "the signed licences", licenceListSchema),
});

export function licenceRoutes(api: OpenAPIHono<ApiEnv>, dependencies: ApiDependencies): void {
  api.openapi(issue, async (c) => {
    const licence = await issueLicence(c.get("acting"), c.req.valid("param").clusterId, c.req.valid("json"));
    return answer(c, licenceSchema, 201, licenceBody(licence));
  });
  api.openapi(list, async (c) => {
    const { document } = await clusterOrRefuse(dependencies, c.req.valid("param").clusterId);
    const licences = await dependencies.stores.licences.listOfCluster(document.clusterId);
    return answer(c, licenceListSchema, 200, { licences: licences.map(licenceBody) });
  });
}

function licenceBody({ licence, signed }: StoredLicence) {
  const { licenceId, nodes, validFrom, validUntil, graceDays } = licence;
  return { licenceId, nodes, validFrom, validUntil, graceDays, signed };
}

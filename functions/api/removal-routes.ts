import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import {
  removalPreviewSchema,
  removalQuerySchema,
  removedClusterSchema,
  removedCustomerSchema,
} from "../../shared/protocol/removal-contract.ts";
import { previewClusterRemoval, previewCustomerRemoval } from "../use-cases/preview-removal.ts";
import { removeCluster } from "../use-cases/remove-cluster.ts";
import { removeCustomer } from "../use-cases/remove-customer.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath, customerPath, versionFromIfMatch } from "./route-parts.ts";

const cluster = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}",
  "x-access": { role: "owner", reach: "customer" },
  "x-even-removed": true,
  tags: ["clusters"],
  summary: "Remove a cluster, with all that is stored of it but the audit log",
  description:
    "Its agents go on with the last document that they have, and are refused by the control plane from then on. One that has nodes or a witness is refused, unless confirm is its name. With dryRun nothing is changed, and what would follow is said. The same request again goes on with a removal that was interrupted, and changes nothing more. If-Match is optional.",
  request: { params: clusterPath, query: removalQuerySchema },
  responses: answers(200, "removed; with dryRun what would follow", z.union([removedClusterSchema, removalPreviewSchema])),
});
const customer = apiRoute({
  method: "delete",
  path: "/v1/customers/{customerId}",
  "x-access": { role: "owner", reach: "provider" },
  tags: ["customers"],
  summary: "Remove a customer that has no clusters any more, with its alert settings and subscriptions",
  description:
    "Refused while it has clusters, or users or API keys that are limited to it. The provider's audit log keeps its entries. With confirm it must be named so. With dryRun nothing is changed, and what would follow is said. The same request again goes on with a removal that was interrupted, and changes nothing more.",
  request: { params: customerPath, query: removalQuerySchema },
  responses: answers(200, "removed; with dryRun what would follow", z.union([removedCustomerSchema, removalPreviewSchema])),
});

export function removalRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(cluster, async (c) => {
    const [acting, { clusterId }, { dryRun, confirm }] = [c.get("acting"), c.req.valid("param"), c.req.valid("query")];
    const request = { confirm, expectedVersion: versionFromIfMatch(c) };
    if (dryRun) return answer(c, removalPreviewSchema, 200, await previewClusterRemoval(acting, clusterId, request));
    return answer(c, removedClusterSchema, 200, await removeCluster(acting, clusterId, request));
  });
  api.openapi(customer, async (c) => {
    const [acting, { customerId }, { dryRun, confirm }] = [c.get("acting"), c.req.valid("param"), c.req.valid("query")];
    if (dryRun) return answer(c, removalPreviewSchema, 200, await previewCustomerRemoval(acting, customerId, { confirm }));
    return answer(c, removedCustomerSchema, 200, await removeCustomer(acting, customerId, { confirm }));
  });
}

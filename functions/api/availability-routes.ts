import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { availabilityQuerySchema, availabilitySchema } from "../../shared/protocol/availability-contract.ts";
import { type AvailabilityRows, availabilityCsv, causesOf, csvHeaders, figuresOf, outageOf } from "../use-cases/availability-tables.ts";
import { type AvailabilityReport, readClusterAvailability, readCustomerAvailability } from "../use-cases/read-availability.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, clusterPath, customerPath, withCsv } from "./route-parts.ts";

const tags = ["availability"];
const summary = "Availability in a month, with every outage, its cause and its length; as JSON, or with csv as a table";

const ofCluster = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/availability",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary,
  request: { params: clusterPath, query: availabilityQuerySchema },
  responses: withCsv("the report", availabilitySchema),
});
const ofCustomer = apiRoute({
  method: "get",
  path: "/v1/customers/{customerId}/availability",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary,
  request: { params: customerPath, query: availabilityQuerySchema },
  responses: withCsv("the report", availabilitySchema),
});

export function availabilityRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(ofCluster, async (c) => {
    const { month, csv } = c.req.valid("query");
    return answerReport(c, await readClusterAvailability(c.get("acting"), c.req.valid("param").clusterId, month), csv);
  });
  api.openapi(ofCustomer, async (c) => {
    const { month, csv } = c.req.valid("query");
    return answerReport(c, await readCustomerAvailability(c.get("acting"), c.req.valid("param").customerId, month), csv);
  });
}

function answerReport(c: Context, report: AvailabilityReport, csv: AvailabilityRows | undefined) {
  if (csv === undefined) return answer(c, availabilitySchema, 200, bodyOf(report));
  return c.body(availabilityCsv(report, csv), 200, csvHeaders(report, csv));
}

function bodyOf({ customer, month, period, total, clusters }: AvailabilityReport) {
  return {
    customerId: customer.customerId,
    customer: customer.name,
    month,
    from: new Date(period.fromMs).toISOString(),
    to: new Date(period.toMs).toISOString(),
    ...figuresOf(total),
    causes: causesOf(clusters),
    clusters: clusters.map((cluster) => ({
      clusterId: cluster.clusterId,
      cluster: cluster.name,
      ...figuresOf(cluster.total),
      causes: causesOf([cluster]),
      isComplete: cluster.isComplete,
      groups: cluster.groups.map(({ group, outages, causes: _causes, ...figures }) => ({
        group,
        ...figuresOf(figures),
        outages: outages.map((outage) => outageOf(outage, cluster)),
      })),
    })),
  };
}

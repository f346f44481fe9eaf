import type { OpenAPIHono } from "@hono/zod-openapi";
import { type NodePreflight, nextStepOf } from "../../shared/domain/preflight/cluster-preflight.ts";
import { clusterPreflightSchema } from "../../shared/protocol/preflight-schema.ts";
import { readPreflight } from "../use-cases/read-preflight.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, clusterPath } from "./route-parts.ts";

const read = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/preflight",
  "x-access": { role: "viewer", reach: "customer" },
  tags: ["clusters"],
  summary: "What each node has found at its own server, and what only shows beside the others",
  description:
    "Each agent looks at its server before it joins, a minute after its start and then every hour. What is well is counted; every other finding has the id of its check, what was seen, and the next step.",
  request: { params: clusterPath },
  responses: answers(200, "the findings by node, and those of the cluster", clusterPreflightSchema),
});

export function preflightRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(read, async (c) => {
    const { nodes, cluster } = await readPreflight(c.get("acting"), c.req.valid("param").clusterId);
    return answer(c, clusterPreflightSchema, 200, { nodes: nodes.map(withNextSteps), cluster });
  });
}

function withNextSteps({ report, ...node }: NodePreflight) {
  if (report === null) return { ...node, report };
  return { ...node, report: { ...report, findings: report.findings.map((finding) => ({ ...finding, nextStep: nextStepOf(finding.id) })) } };
}

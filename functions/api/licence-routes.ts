import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { entitlementNames } from "../../shared/domain/licensing/licence.ts";
import { dryRunQuerySchema } from "../../shared/protocol/api-contract.ts";
import {
  deviceCountsSchema,
  importLicenceSchema,
  issueLicenceSchema,
  licenceListSchema,
  licencePathSchema,
  licencePreviewSchema,
  licenceSchema,
  licenceStandingSchema,
  putPrimarySchema,
} from "../../shared/protocol/licence-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { primaryChange } from "../use-cases/choose-primary.ts";
import { declareDevices, previewDevices } from "../use-cases/declare-devices.ts";
import { clusterOrRefuse } from "../use-cases/find-or-refuse.ts";
import { importLicence, previewImport } from "../use-cases/import-licence.ts";
import { issueLicence, previewIssue } from "../use-cases/issue-licence.ts";
import { licenceStanding, standingOfLicence } from "../use-cases/licence-standing.ts";
import { previewTrial, startTrial } from "../use-cases/start-trial.ts";
import { previewWithdrawal, withdrawLicence } from "../use-cases/withdraw-licence.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { changeAnswer, changeAnswers } from "./change-answer.ts";
import { answer, answers, clusterPath, jsonBody, versionFromIfMatch } from "./route-parts.ts";

const tags = ["licences"];
const aboutDryRun = "With dryRun nothing is changed, and how the cluster would stand, and what would follow, is said.";
const standingOrPreview = z.union([licenceStandingSchema, licencePreviewSchema]);

const issue = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/licences",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Issue a licence: it adds to those that the cluster has",
  description: aboutDryRun,
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(issueLicenceSchema) },
  responses: {
    ...answers(201, "the signed licence", licenceSchema),
    ...answers(200, "with dryRun: what would follow", licencePreviewSchema),
  },
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
const importFile = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/licences/import",
  "x-access": { role: "owner", reach: "customer" },
  tags,
  summary: "Take a licence from its signed file; the same file again changes nothing",
  description: aboutDryRun,
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(importLicenceSchema) },
  responses: answers(200, "the licence; with dryRun what would follow", z.union([licenceSchema, licencePreviewSchema])),
});
const withdraw = apiRoute({
  method: "delete",
  path: "/v1/clusters/{clusterId}/licences/{licenceId}",
  "x-access": { role: "owner", reach: "provider" },
  tags,
  summary: "Withdraw a licence: what it covered goes on, and its file cannot bring it back",
  description: aboutDryRun,
  request: { params: licencePathSchema, query: dryRunQuerySchema },
  responses: answers(200, "how the cluster stands without it; with dryRun what would follow", standingOrPreview),
});
const trial = apiRoute({
  method: "post",
  path: "/v1/clusters/{clusterId}/trial",
  "x-access": { role: "owner", reach: "customer" },
  tags,
  summary: "Start the cluster's one trial: everything, for thirty days",
  description: aboutDryRun,
  request: { params: clusterPath, query: dryRunQuerySchema },
  responses: answers(200, "the trial, as a signed licence; with dryRun what would follow", z.union([licenceSchema, licencePreviewSchema])),
});
const standing = apiRoute({
  method: "get",
  path: "/v1/clusters/{clusterId}/licence-standing",
  "x-access": { role: "viewer", reach: "customer" },
  tags,
  summary: "How a cluster stands with its licences: what it has and uses, until when, and what follows",
  request: { params: clusterPath },
  responses: answers(200, "the standing", licenceStandingSchema),
});
const devices = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/devices",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Declare how many users and devices the cluster serves, by class",
  description: aboutDryRun,
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(deviceCountsSchema) },
  responses: answers(200, "how the cluster stands with them; with dryRun what would follow", standingOrPreview),
});
const primary = apiRoute({
  method: "put",
  path: "/v1/clusters/{clusterId}/primary",
  "x-access": { role: "operator", reach: "customer" },
  tags,
  summary: "Choose the primary, where no licence names it. No agent restarts, and no service moves",
  description: "With dryRun nothing is changed, and what would follow is said. If-Match is optional.",
  request: { params: clusterPath, query: dryRunQuerySchema, body: jsonBody(putPrimarySchema) },
  responses: changeAnswers,
});

export function licenceRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(issue, async (c) => {
    const [acting, { clusterId }, request] = [c.get("acting"), c.req.valid("param"), c.req.valid("json")];
    if (c.req.valid("query").dryRun) return answer(c, licencePreviewSchema, 200, await previewIssue(acting, clusterId, request));
    const licence = await issueLicence(acting, clusterId, request);
    return answer(c, licenceSchema, 201, await bodyOf(c.get("acting"), licence));
  });
  api.openapi(list, async (c) => {
    const { document } = await clusterOrRefuse(c.get("acting"), c.req.valid("param").clusterId);
    const licences = await c.get("acting").stores.licences.listOfCluster(document.clusterId);
    const bodies = await Promise.all(licences.map((licence) => bodyOf(c.get("acting"), licence)));
    return answer(c, licenceListSchema, 200, { licences: bodies });
  });
  api.openapi(importFile, async (c) => {
    const [acting, { clusterId }, { signed }] = [c.get("acting"), c.req.valid("param"), c.req.valid("json")];
    if (c.req.valid("query").dryRun) return answer(c, licencePreviewSchema, 200, await previewImport(acting, clusterId, signed));
    const licence = await importLicence(acting, clusterId, signed);
    return answer(c, licenceSchema, 200, await bodyOf(c.get("acting"), licence));
  });
  api.openapi(withdraw, async (c) => {
    const { clusterId, licenceId } = c.req.valid("param");
    if (c.req.valid("query").dryRun) {
      return answer(c, licencePreviewSchema, 200, await previewWithdrawal(c.get("acting"), clusterId, licenceId));
    }
    await withdrawLicence(c.get("acting"), clusterId, licenceId);
    const { document } = await clusterOrRefuse(c.get("acting"), clusterId);
    return answer(c, licenceStandingSchema, 200, await licenceStanding(c.get("acting"), document));
  });
  api.openapi(trial, async (c) => {
    const { clusterId } = c.req.valid("param");
    if (c.req.valid("query").dryRun) return answer(c, licencePreviewSchema, 200, await previewTrial(c.get("acting"), clusterId));
    const licence = await startTrial(c.get("acting"), clusterId);
    return answer(c, licenceSchema, 200, await bodyOf(c.get("acting"), licence));
  });
  api.openapi(standing, async (c) => {
    const { document } = await clusterOrRefuse(c.get("acting"), c.req.valid("param").clusterId);
    return answer(c, licenceStandingSchema, 200, await licenceStanding(c.get("acting"), document));
  });
  api.openapi(devices, async (c) => {
    const { clusterId } = c.req.valid("param");
    if (c.req.valid("query").dryRun) {
      return answer(c, licencePreviewSchema, 200, await previewDevices(c.get("acting"), clusterId, c.req.valid("json")));
    }
    await declareDevices(c.get("acting"), clusterId, c.req.valid("json"));
    const { document } = await clusterOrRefuse(c.get("acting"), clusterId);
    return answer(c, licenceStandingSchema, 200, await licenceStanding(c.get("acting"), document));
  });
  api.openapi(primary, async (c) => {
    return changeAnswer(c, {
      clusterId: c.req.valid("param").clusterId,
      change: primaryChange(c.get("acting"), c.req.valid("json").nodeId),
      expectedVersion: versionFromIfMatch(c),
      dryRun: c.req.valid("query").dryRun,
    });
  });
}

async function bodyOf({ stores, nowMs }: Dependencies, { licence, signed }: StoredLicence) {
  const all = (await stores.licences.listOfCluster(licence.clusterId)).map((stored) => stored.licence);
  const { schema: _schema, customerId: _customer, clusterId: _cluster, ...told } = licence;
  const { users = 0, entitlements = entitlementNames, members = [], partNumber = null } = licence;
  const given = { users, entitlements, members, partNumber, trial: licence.trial === true };
  return { ...told, ...given, standing: standingOfLicence(licence, all, nowMs()), signed };
}

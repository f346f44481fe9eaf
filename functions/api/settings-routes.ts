import type { OpenAPIHono } from "@hono/zod-openapi";
import { clusterSettingList } from "../../shared/config/cluster-settings.ts";
import { clusterSettingsSchema } from "../../shared/protocol/settings-contract.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers } from "./route-parts.ts";

const read = apiRoute({
  method: "get",
  path: "/v1/settings",
  "x-access": { role: "viewer", reach: "own" },
  tags: ["clusters"],
  summary: "Every setting of a cluster document: unit, range, default, what to go by, and the route that takes it",
  responses: answers(200, "the settings, in the order of the document", clusterSettingsSchema),
});

export function settingsRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(read, (c) => answer(c, clusterSettingsSchema, 200, { settings: clusterSettingList }));
}

import type { OpenAPIHono } from "@hono/zod-openapi";
import { alertRoutes } from "./alert-routes.ts";
import { alertSettingsRoutes } from "./alert-settings-routes.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { approvalRoutes } from "./approval-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { availabilityRoutes } from "./availability-routes.ts";
import { certificateRoutes } from "./certificate-routes.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import { customerRoutes } from "./customer-routes.ts";
import { dataSetRoutes } from "./data-set-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import { incidentRoutes } from "./incident-routes.ts";
import { joinTokenRoutes } from "./join-token-routes.ts";
import { licenceRoutes } from "./licence-routes.ts";
import { nodeRoutes } from "./node-routes.ts";
import { preflightRoutes } from "./preflight-routes.ts";
import { removalRoutes } from "./removal-routes.ts";
import { type RoomOfTheApi, roomApp } from "./room-app.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { askWitnessRoute, chooseWitnessRoute } from "./witness-routes.ts";

export const roomsOfTheApi: readonly RoomOfTheApi[] = [
  customerRoutes,
  clusterRoutes,
  removalRoutes,
  fleetRoutes,
  groupRoutes,
  dataSetRoutes,
  triggerRoutes,
  nodeRoutes,
  preflightRoutes,
  settingsRoutes,
  joinTokenRoutes,
  licenceRoutes,
  alertRoutes,
  alertSettingsRoutes,
  incidentRoutes,
  eventRoutes,
  availabilityRoutes,
  userRoutes,
  apiKeyRoutes,
  auditRoutes,
  askWitnessRoute,
  chooseWitnessRoute,
  certificateRoutes,
  approvalRoutes,
];

/** The HTTP API of the control plane, all below `/v1`. The same app answers in the embedded cloud and on Lambda. */
export function apiApp(dependencies: ApiDependencies): OpenAPIHono<ApiEnv> {
  return roomApp(dependencies, roomsOfTheApi);
}

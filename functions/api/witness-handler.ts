import { handle } from "hono/aws-lambda";
import type { ApiDependencies } from "./api-env.ts";
import { roomApp } from "./room-app.ts";
import { askWitnessRoute } from "./witness-routes.ts";

/**
 * The nodes' questions to the control plane's vote, in a function of their own: it is kept warm, since a failover waits for it, and may do nothing else. Retried by the nodes;
 * the same question again reads the same answer.
 */
export function witnessHandler(dependencies: ApiDependencies) {
  return handle(roomApp(dependencies, [askWitnessRoute]));
}

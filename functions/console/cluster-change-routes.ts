import { type Context, Hono } from "hono";
import { clusterIdSchema } from "../../shared/protocol/id-schemas.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { proposalIn, stepSchema } from "./cluster-change-form.ts";
import type { ObservedCluster } from "./console-data.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { type ClusterChangeAnswer, clusterChangesPage } from "./pages/cluster-changes-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound, problemText } from "./problem-answer.ts";

/** Names, addresses, the ring's order, and what is taken out of a cluster: each form says first what would follow, and is sent again to do it. */
export function clusterChangeRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();
  const path = "/clusters/:clusterId/changes";
  const page = (c: Context<ConsoleEnv>, cluster: ObservedCluster, answer: ClusterChangeAnswer | null) =>
    c.html(clusterChangesPage(shell, c.get("session"), cluster, answer), answer?.kind === "refused" ? 400 : 200);

  routes.get(path, async (c) => {
    const cluster = await clusterOf(c);
    return cluster === undefined ? notFound(c, shell, "cluster") : page(c, cluster, null);
  });

  routes.post(path, async (c) => {
    const cluster = await clusterOf(c);
    if (cluster === undefined) return notFound(c, shell, "cluster");
    const { clusterId } = cluster.observation.document;
    const fields = await fieldsOf(c);
    try {
      const { version: expectedVersion, step } = checked(stepSchema, fields);
      const proposal = proposalIn(fields);
      const target = { clusterId, expectedVersion };
      const { changing } = c.get("data");
      if (step === "check") {
        const { consequences } = await changing.check(target, proposal);
        return page(c, cluster, { kind: "checked", consequences, fields });
      }
      await changing.make(target, proposal);
    } catch (error) {
      if (error instanceof Refusal) return page(c, cluster, { kind: "refused", problem: problemText(c, error) });
      throw error;
    }
    return c.redirect(`/clusters/${clusterId}/changes`, 303);
  });

  return routes;
}

async function clusterOf(c: Context<ConsoleEnv>): Promise<ObservedCluster | undefined> {
  const id = clusterIdSchema.safeParse(c.req.param("clusterId"));
  return id.success ? c.get("data").cluster(id.data) : undefined;
}

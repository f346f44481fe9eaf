import { type Context, Hono } from "hono";
import { z } from "zod";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { joinTokenIdSchema } from "../../shared/protocol/api-contract.ts";
import { clusterIdSchema } from "../../shared/protocol/id-schemas.ts";
import { conflictsIn } from "./conflicts-form.ts";
import type { ConsoleData } from "./console-data.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import { groupOrderIn } from "./group-order-form.ts";
import type { ConsoleEnv } from "./guard.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

type Fields = Readonly<Record<string, string>>;

const choiceSchema = z.object({ cloudWitness: z.enum(["on", "off", "automatic"]) });
const tokenSchema = z.object({ tokenId: joinTokenIdSchema });

/** The forms below a cluster's picture that change one setting each: answered with the page as it is then, at the panel. */
export function clusterSettingRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  const setting = (path: string, panel: string, work: (data: ConsoleData, document: ClusterDocument, fields: Fields) => Promise<void>) => {
    routes.post(`/clusters/:clusterId/${path}`, async (c) => {
      const document = await documentOf(c);
      if (document === undefined) return notFound(c, shell, "cluster");
      await work(c.get("data"), document, await fieldsOf(c));
      return c.redirect(`/clusters/${document.clusterId}#${panel}`, 303);
    });
  };
  setting("cloud-witness", "cloud-witness", (data, { clusterId }, fields) =>
    data.chooseCloudWitness(clusterId, checked(choiceSchema, fields).cloudWitness),
  );
  setting("group-order", "group-order", (data, { clusterId }, fields) => data.orderGroup({ clusterId, ...groupOrderIn(fields) }));
  setting("conflicts", "conflicts", (data, document, fields) => {
    const { expectedVersion, dataSet } = conflictsIn(fields, document);
    return data.declareDataSet({ clusterId: document.clusterId, expectedVersion }, dataSet, false);
  });
  setting("join-tokens/withdrawal", "join-tokens", (data, { clusterId }, fields) =>
    data.withdrawJoinToken(clusterId, checked(tokenSchema, fields).tokenId),
  );

  return routes;
}

async function documentOf(c: Context<ConsoleEnv>): Promise<ClusterDocument | undefined> {
  const { data: clusterId } = clusterIdSchema.safeParse(c.req.param("clusterId"));
  return clusterId === undefined ? undefined : (await c.get("data").cluster(clusterId))?.observation.document;
}

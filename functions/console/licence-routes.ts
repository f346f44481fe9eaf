import { type Context, Hono } from "hono";
import { z } from "zod";
import { msPerDay } from "../../shared/domain/licensing/licence-term.ts";
import { clusterIdSchema } from "../../shared/protocol/id-schemas.ts";
import {
  deviceCountsSchema,
  type IssueLicenceRequest,
  importLicenceSchema,
  issueLicenceSchema,
  licencePathSchema,
  putPrimarySchema,
} from "../../shared/protocol/licence-contract.ts";
import { checked, fieldsOf, namesIn } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import type { LicenceConsoleData, LicenceView } from "./licence-console-data.ts";
import { licencePage } from "./pages/licence-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

const whole = z.coerce.number();
const termSchema = z.object({ nodes: whole.pipe(z.int()), users: whole.pipe(z.int()), days: whole.pipe(z.int().min(1).max(3_660)) });
const countsSchema = z.record(z.enum(["ipStations", "sipStations", "softClients", "amplifierChannels", "ioModules"]), whole);

/** The page about a cluster's licences, and its forms: each is answered with the page as it is then. */
export function licenceRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/clusters/:clusterId/licences", async (c) => {
    const view = await viewOf(c);
    return view === undefined ? notFound(c, shell, "cluster") : c.html(licencePage(shell, c.get("session"), view));
  });

  routes.get("/clusters/:clusterId/licences/:licenceId/file", async (c) => {
    const { licenceId } = c.req.param();
    const found = (await viewOf(c))?.licences.find(({ licence }) => licence.licenceId === licenceId);
    if (found === undefined) return notFound(c, shell, "licence");
    return c.text(`${found.signed}\n`, 200, { "content-disposition": `attachment; filename="${licenceId}.licence"` });
  });

  const act = (
    path: string,
    work: (data: LicenceConsoleData, view: LicenceView, fields: Readonly<Record<string, string>>) => Promise<void>,
  ): void => {
    routes.post(`/clusters/:clusterId/licences/${path}`, async (c) => {
      const view = await viewOf(c);
      if (view === undefined) return notFound(c, shell, "cluster");
      await work(c.get("data").licensing, view, await fieldsOf(c));
      return c.redirect(`/clusters/${view.clusterId}/licences`, 303);
    });
  };
  act("issue", (data, { clusterId }, fields) => data.issue(clusterId, issueRequest(fields, nowMs())));
  act("trial", (data, { clusterId }) => data.startTrial(clusterId));
  act("import", (data, { clusterId }, { signed }) =>
    data.import(clusterId, checked(importLicenceSchema, { signed: signed?.trim() }).signed),
  );
  act("withdraw", (data, { clusterId }, { licenceId }) =>
    data.withdraw(clusterId, checked(licencePathSchema, { clusterId, licenceId }).licenceId),
  );
  act("devices", (data, { clusterId }, { csrf: _csrf, ...counts }) =>
    data.declare(clusterId, checked(deviceCountsSchema, checked(countsSchema, counts))),
  );
  act("primary", (data, { clusterId }, { nodeId }) => data.choosePrimary(clusterId, checked(putPrimarySchema, { nodeId }).nodeId));

  return routes;
}

function issueRequest(fields: Readonly<Record<string, string>>, nowMs: number): IssueLicenceRequest {
  const { nodes, users, days } = checked(termSchema, fields);
  const members = [...named(fields["primary"], "primary"), ...named(fields["secondaries"], "secondary")];
  const validUntil = new Date(nowMs + days * msPerDay).toISOString();
  const partNumber = fields["partNumber"]?.trim() ?? "";
  return checked(issueLicenceSchema, {
    nodes,
    users,
    validUntil,
    ...(members.length === 0 ? {} : { members }),
    ...(partNumber === "" ? {} : { partNumber }),
  });
}

/** People copy hardware addresses in capitals too. */
function named(field: string | undefined, role: "primary" | "secondary") {
  return namesIn(field).map((hardwareAddress) => ({ hardwareAddress: hardwareAddress.toLowerCase(), role }));
}

async function viewOf(c: Context<ConsoleEnv>): Promise<LicenceView | undefined> {
  const id = clusterIdSchema.safeParse(c.req.param("clusterId"));
  return id.success ? c.get("data").licensing.read(id.data) : undefined;
}

import { type Context, Hono } from "hono";
import { z } from "zod";
import { membersOf } from "../../shared/domain/membership/members.ts";
import { createJoinTokenSchema, putWhenAloneSchema } from "../../shared/protocol/api-contract.ts";
import { filesSchema } from "../../shared/protocol/cluster-document-schema.ts";
import { clusterIdSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { issueLicenceSchema } from "../../shared/protocol/licence-contract.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { fieldsOf, namesIn, problemsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { renewCommand } from "./join-command.ts";
import { liveFragment } from "./live-fragment.ts";
import { type ClusterView, clusterLive, clusterPage } from "./pages/cluster-page.ts";
import { type EnrolPanel, enrolPanel } from "./pages/enrol-panel.ts";
import type { FileTreeAnswer } from "./pages/file-trees-panel.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound, problemText } from "./problem-answer.ts";

const eventsPerPage = 50;
const dayMs = 24 * 60 * 60 * 1_000;
const tokenFormSchema = z.object({ role: createJoinTokenSchema.shape.role, nodeId: createJoinTokenSchema.shape.nodeId });
const fileTreeFormSchema = filesSchema.omit({ kind: true }).extend({
  name: slugSchema,
  version: z.coerce.number().pipe(z.int().min(1)),
  step: z.enum(["check", "declare"]),
});
const licenceFormSchema = z.object({
  nodes: z.coerce.number().pipe(issueLicenceSchema.shape.nodes),
  days: z.coerce.number().pipe(z.int().min(1).max(3_660)),
});

export function clusterRoutes(
  shell: Shell,
  options: { readonly joinCommand: (token: string) => string; readonly nowMs: () => number },
): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/clusters/:clusterId", async (c) => {
    const view = await viewOf(c);
    return view === undefined ? notFound(c, shell, "cluster") : c.html(await wholePage(c, view, {}));
  });

  routes.get("/clusters/:clusterId/live", async (c) => {
    const view = await viewOf(c);
    return view === undefined ? c.body(null, 404) : liveFragment(c, clusterLive(view, c.get("session")));
  });

  routes.post("/clusters/:clusterId/join-tokens", async (c) => {
    const view = await viewOf(c);
    if (view === undefined) return notFound(c, shell, "cluster");
    const { document } = view.observed.observation;
    const { clusterId } = document;
    const form = tokenFormSchema.safeParse(await fieldsOf(c));
    if (!form.success) throw new Refusal("invalid-request", problemsOf(form.error), "Go back and try again.");
    const { role, nodeId } = form.data;
    const { token, expiresAt } = await c.get("data").createJoinToken(clusterId, role, nodeId);
    const renewing = membersOf(document).find((member) => member.nodeId === nodeId)?.name ?? null;
    const command = (nodeId === undefined ? options.joinCommand : renewCommand)(token);
    const issued = { role, renewing, command, expiresAt };
    if (c.req.header("hx-request") === undefined) return c.html(await wholePage(c, view, { issued }));
    return c.html(enrolPanel(c.get("session"), clusterId, await panelOf(c, view, issued)));
  });

  routes.post("/clusters/:clusterId/when-alone", async (c) => {
    const view = await viewOf(c);
    if (view === undefined) return notFound(c, shell, "cluster");
    const { clusterId } = view.observed.observation.document;
    const form = putWhenAloneSchema.safeParse({ whenAlone: (await fieldsOf(c))["whenAlone"] });
    if (!form.success) throw new Refusal("invalid-request", problemsOf(form.error), "Go back and choose one of the two.");
    await c.get("data").changeWhenAlone(clusterId, form.data.whenAlone);
    return c.redirect(`/clusters/${clusterId}#when-alone`, 303);
  });

  routes.post("/clusters/:clusterId/licences", async (c) => {
    const view = await viewOf(c);
    if (view === undefined) return notFound(c, shell, "cluster");
    const { clusterId } = view.observed.observation.document;
    const form = licenceFormSchema.safeParse(await fieldsOf(c));
    if (!form.success) throw new Refusal("invalid-request", problemsOf(form.error), "Go back and correct it.");
    const validUntil = new Date(options.nowMs() + form.data.days * dayMs).toISOString();
    await c.get("data").issueLicence(clusterId, issueLicenceSchema.parse({ nodes: form.data.nodes, validUntil }));
    return c.redirect(`/clusters/${clusterId}#licences`, 303);
  });

  routes.post("/clusters/:clusterId/file-trees", async (c) => {
    const view = await viewOf(c);
    if (view === undefined) return notFound(c, shell, "cluster");
    const { clusterId } = view.observed.observation.document;
    const values = await fieldsOf(c);
    const again = async (fileTree: FileTreeAnswer) =>
      c.html(await wholePage(c, view, { fileTree }), fileTree.kind === "refused" ? 400 : 200);
    const form = fileTreeFormSchema.safeParse({
      name: values["name"]?.trim(),
      group: values["group"],
      local: namesIn(values["local"]),
      version: values["version"],
      step: values["step"],
    });
    if (!form.success) return again({ kind: "refused", problem: problemsOf(form.error), values });
    const { version: expectedVersion, step, ...declared } = form.data;
    const tree = { kind: "files", ...declared } as const;
    try {
      await c.get("data").declareDataSet({ clusterId, expectedVersion }, tree, step === "check");
    } catch (error) {
      if (error instanceof Refusal) return again({ kind: "refused", problem: problemText(c, error), values });
      throw error;
    }
    return step === "check" ? again({ kind: "checked", tree, values }) : c.redirect(`/clusters/${clusterId}#file-trees`, 303);
  });

  async function wholePage(
    c: Context<ConsoleEnv>,
    view: ClusterView,
    { issued = null, fileTree = null }: { readonly issued?: EnrolPanel["issued"]; readonly fileTree?: FileTreeAnswer | null },
  ) {
    const { clusterId } = view.observed.observation.document;
    const data = c.get("data");
    const [licences, tokens, approval] = await Promise.all([
      data.licences(clusterId),
      data.joinTokens(clusterId),
      data.approval(clusterId),
    ]);
    return clusterPage(shell, c.get("session"), view, { enrol: await panelOf(c, view, issued), tokens, licences, approval, fileTree });
  }

  return routes;
}

/** Undefined for a cluster, or a place in its timeline, that is not there. */
async function viewOf(c: Context<ConsoleEnv>): Promise<ClusterView | undefined> {
  const id = clusterIdSchema.safeParse(c.req.param("clusterId"));
  if (!id.success) return undefined;
  const from = c.req.query("from") ?? null;
  const observed = await c.get("data").cluster(id.data);
  if (observed === undefined) return undefined;
  const events = await c.get("data").events(id.data, { limit: eventsPerPage, ...(from === null ? {} : { from }) });
  return events === "bad-position" ? undefined : { observed, events, from };
}

async function panelOf(c: Context<ConsoleEnv>, view: ClusterView, issued: EnrolPanel["issued"]): Promise<EnrolPanel> {
  const { document } = view.observed.observation;
  return {
    issued,
    hasWitness: document.witness?.kind === "agent",
    nodeCount: document.nodes.length,
    members: membersOf(document),
    licensedNodes: await c.get("data").licensedNodes(document.clusterId),
  };
}

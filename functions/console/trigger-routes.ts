import { type Context, Hono } from "hono";
import { z } from "zod";
import { clusterIdSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import type { Shell } from "./pages/shell.ts";
import { type TriggerAnswer, triggersPage } from "./pages/triggers-page.ts";
import { notFound, problemText } from "./problem-answer.ts";
import type { TriggersView } from "./trigger-console-data.ts";
import { declaredIn, fieldsOfTrigger } from "./trigger-form.ts";

const stepSchema = z.object({
  name: slugSchema,
  version: z.coerce.number().pipe(z.int().min(1)),
  step: z.enum(["check", "change"]),
});

/** The page about a cluster's triggers, and its forms: each can be checked first, and what was typed is there again where it was refused. */
export function triggerRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();
  const page = (c: Context<ConsoleEnv>, view: TriggersView, answer: TriggerAnswer | null) =>
    c.html(triggersPage(shell, c.get("session"), view, answer), answer?.kind === "refused" ? 400 : 200);

  routes.get("/clusters/:clusterId/triggers", async (c) => {
    const view = await viewOf(c);
    if (view === undefined) return notFound(c, shell, "cluster");
    const wanted = c.req.query("change");
    if (wanted === undefined) return page(c, view, null);
    const trigger = view.triggers.find(({ name }) => name === wanted);
    return trigger === undefined ? notFound(c, shell, "trigger") : page(c, view, { kind: "filled", values: fieldsOfTrigger(trigger) });
  });

  const act = (path: string, isRemoval: boolean): void => {
    routes.post(`/clusters/:clusterId/triggers${path}`, async (c) => {
      const view = await viewOf(c);
      if (view === undefined) return notFound(c, shell, "cluster");
      const fields = await fieldsOf(c);
      // A removal has typed nothing that the form could show again.
      const values = isRemoval ? {} : fields;
      try {
        const { name, version: expectedVersion, step } = checked(stepSchema, { ...fields, name: fields["name"]?.trim() });
        const declared = isRemoval ? null : declaredIn(fields);
        const target = { clusterId: view.document.clusterId, trigger: name, expectedVersion };
        const { triggering } = c.get("data");
        if (step === "check") {
          const { consequences } = await triggering.check(target, declared);
          return page(c, view, { kind: "checked", consequences, values });
        }
        await triggering.change(target, declared);
      } catch (error) {
        if (error instanceof Refusal) return page(c, view, { kind: "refused", problem: problemText(c, error), values });
        throw error;
      }
      return c.redirect(`/clusters/${view.document.clusterId}/triggers`, 303);
    });
  };
  act("", false);
  act("/removal", true);

  return routes;
}

async function viewOf(c: Context<ConsoleEnv>): Promise<TriggersView | undefined> {
  const id = clusterIdSchema.safeParse(c.req.param("clusterId"));
  return id.success ? c.get("data").triggering.read(id.data) : undefined;
}

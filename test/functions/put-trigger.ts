import type { Dependencies } from "../../functions/dependencies.ts";
import { changeDocument } from "../../functions/use-cases/change-document.ts";
import { type TriggerTarget, triggerChange } from "../../functions/use-cases/change-trigger.ts";
import { putTriggerSchema } from "../../shared/protocol/trigger-schema.ts";

/** What the API's route does, `body` being the request's. */
export async function putTrigger(dependencies: Dependencies, target: TriggerTarget & { readonly expectedVersion: number }, body: unknown) {
  const change = triggerChange(dependencies, target.trigger, putTriggerSchema.parse(body));
  return changeDocument(dependencies, target.clusterId, change, target.expectedVersion);
}

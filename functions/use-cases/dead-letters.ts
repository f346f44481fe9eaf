import type { CustomerId } from "../../shared/domain/ids.ts";
import { type AlertLevel, alertLevels } from "../../shared/domain/incidents/announce.ts";
import type { Dependencies } from "../dependencies.ts";
import type { DeadAlert } from "../notify/deliveries.ts";
import { audited } from "./audited.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";
import { Refusal } from "./refusal.ts";

export interface LevelledDeadAlert extends DeadAlert {
  readonly level: AlertLevel;
}

/** What the customer's subscribers did not take until the last attempt, oldest first: at most 100 of each level. Null where the control plane cannot tell. */
export async function listDeadLetters(dependencies: Dependencies, customerId: CustomerId): Promise<readonly LevelledDeadAlert[] | null> {
  const { notifier, deliveries } = dependencies;
  await customerOrRefuse(dependencies, customerId);
  if (deliveries === null) return null;
  const found = await refusing(() =>
    Promise.all(
      alertLevels.map(async (level) => {
        const topicArn = await notifier.ensureTopic(customerId, level);
        return (await deliveries.dead(topicArn, 0)).map((letter) => ({ ...letter, level }));
      }),
    ),
  );
  return found.flat().toSorted((one, other) => one.deliveryId - other.deliveryId);
}

/** Sends the customer's dead letters again, or one of them; its message ids stay the same. Returns how many: none where it has been sent meanwhile. */
export async function redriveDeadLetters(dependencies: Dependencies, customerId: CustomerId, deliveryId: number | null): Promise<number> {
  await customerOrRefuse(dependencies, customerId);
  const { notifier, deliveries } = dependencies;
  if (deliveries === null) throw deliveriesUnknown();
  const subject = deliveryId === null ? "all" : String(deliveryId);
  const redrive = async (): Promise<number> => {
    let redriven = 0;
    for (const level of alertLevels) {
      redriven += await deliveries.redrive(await notifier.ensureTopic(customerId, level), deliveryId);
    }
    return redriven;
  };
  return refusing(() =>
    audited(dependencies, { action: "dead-letters.redriven", customerId, subject }, redrive, (redriven) => redriven > 0),
  );
}

/** Where dead letters lie in a queue that people look after (infra/RUNBOOK.md). */
export function deliveriesUnknown(): Refusal {
  return new Refusal(
    "invalid-request",
    "this control plane does not know what became of single deliveries, because SNS's API does not tell",
    "Undelivered alerts lie in the SQS queue understudy-STAGE-undelivered-alerts: RUNBOOK.md says how to send them again.",
  );
}

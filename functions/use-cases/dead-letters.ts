import type { CustomerId } from "../../shared/domain/ids.ts";
import { type AlertLevel, alertLevels } from "../../shared/domain/incidents/announce.ts";
import type { Dependencies } from "../dependencies.ts";
import type { DeadAlert } from "../notify/deliveries.ts";
import { audited } from "./audited.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";

export interface LevelledDeadAlert extends DeadAlert {
  readonly level: AlertLevel;
}

/** What the customer's subscribers did not take until the last attempt, oldest first: at most 100 of each level. */
export async function listDeadLetters(dependencies: Dependencies, customerId: CustomerId): Promise<readonly LevelledDeadAlert[]> {
  await customerOrRefuse(dependencies, customerId);
  const found = await refusing(() =>
    Promise.all(
      alertLevels.map(async (level) => {
        const topicArn = await dependencies.notifier.ensureTopic(customerId, level);
        return (await dependencies.deliveries.dead(topicArn, 0)).map((letter) => ({ ...letter, level }));
      }),
    ),
  );
  return found.flat().toSorted((one, other) => one.deliveryId - other.deliveryId);
}

/** Sends the customer's dead letters again, or one of them; its message ids stay the same. Returns how many: none where it has been sent meanwhile. */
export async function redriveDeadLetters(dependencies: Dependencies, customerId: CustomerId, deliveryId: number | null): Promise<number> {
  await customerOrRefuse(dependencies, customerId);
  const subject = deliveryId === null ? "all" : String(deliveryId);
  const redrive = async (): Promise<number> => {
    let redriven = 0;
    for (const level of alertLevels) {
      redriven += await dependencies.deliveries.redrive(await dependencies.notifier.ensureTopic(customerId, level), deliveryId);
    }
    return redriven;
  };
  return refusing(() =>
    audited(dependencies, { action: "dead-letters.redriven", customerId, subject }, redrive, (redriven) => redriven > 0),
  );
}

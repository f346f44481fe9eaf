import type { CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { AlertSettings } from "../store/alert-settings-store.ts";
import { audited } from "./audited.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";
import { settleIncidentsOf } from "./settle-incidents.ts";

export async function readAlertSettings(dependencies: Dependencies, customerId: CustomerId): Promise<AlertSettings> {
  await customerOrRefuse(dependencies, customerId);
  return dependencies.stores.alertSettings.find(customerId);
}

/** Counts at once, also for incidents that go on. Idempotent. */
export async function changeAlertSettings(
  dependencies: Dependencies,
  customerId: CustomerId,
  settings: AlertSettings,
): Promise<AlertSettings> {
  const { alertSettings } = dependencies.stores;
  const before = await readAlertSettings(dependencies, customerId);
  if (before.escalateAfterMinutes !== settings.escalateAfterMinutes || before.silentAfterSeconds !== settings.silentAfterSeconds) {
    const change = { action: "alert-settings.changed", customerId, subject: customerId, before, after: settings } as const;
    await audited(dependencies, change, () => alertSettings.put(customerId, settings));
  }
  await settleIncidentsOf(dependencies, customerId);
  return settings;
}

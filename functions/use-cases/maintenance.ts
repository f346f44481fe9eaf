import { randomUUID } from "node:crypto";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { MaintenanceWindow } from "../../shared/domain/incidents/maintenance-window.ts";
import type { Dependencies } from "../dependencies.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse, customerOrRefuse, noSuchCluster } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";
import { settleIncidents, settleIncidentsOf } from "./settle-incidents.ts";

export interface NewMaintenance {
  /** Absent: all clusters of the customer. */
  readonly clusterId?: ClusterId | undefined;
  /** ISO 8601 UTC, as the end. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly reason: string;
}

/** Those that go on or are to come, by their start. */
export async function listMaintenance(dependencies: Dependencies, customerId: CustomerId): Promise<readonly MaintenanceWindow[]> {
  const { stores, nowMs } = dependencies;
  await customerOrRefuse(dependencies, customerId);
  const windows = await stores.alertSettings.windows(customerId);
  return windows.filter(({ endsMs }) => endsMs > nowMs()).toSorted((one, other) => one.startsMs - other.startsMs);
}

/** What happens in the window is told at its end. Windows that are over are forgotten on this occasion: they hold nothing any more. */
export async function planMaintenance(
  dependencies: Dependencies,
  customerId: CustomerId,
  wanted: NewMaintenance,
): Promise<MaintenanceWindow> {
  const { actor, stores, nowMs } = dependencies;
  const window: MaintenanceWindow = {
    windowId: randomUUID(),
    clusterId: wanted.clusterId ?? null,
    startsMs: Date.parse(wanted.startsAt),
    endsMs: Date.parse(wanted.endsAt),
    reason: wanted.reason,
    createdBy: actor.name,
  };
  refuseImpossible(window, nowMs());
  if (window.clusterId !== null) await ownClusterOrRefuse(dependencies, customerId, window.clusterId);
  const lasting = await listMaintenance(dependencies, customerId);
  if (lasting.length >= limits.maintenanceWindowsMax) {
    const message = `the customer has ${lasting.length} maintenance windows that are not over, and no more than that are kept`;
    throw new Refusal("invalid-request", message, "End one of them first, or let one window cover several.");
  }
  const change = { action: "maintenance.planned", customerId, subject: window.windowId, after: shown(window) } as const;
  await audited(dependencies, change, () => stores.alertSettings.putWindow(customerId, window));
  for (const old of await stores.alertSettings.windows(customerId)) {
    if (old.endsMs <= nowMs()) await stores.alertSettings.removeWindow(customerId, old.windowId);
  }
  if (window.clusterId === null) await settleIncidentsOf(dependencies, customerId);
  else await settleIncidents(dependencies, window.clusterId);
  return window;
}

/** Ends a window before its time, or takes back one to come: what it has held is told now. */
export async function endMaintenance(dependencies: Dependencies, customerId: CustomerId, windowId: string): Promise<void> {
  const window = (await listMaintenance(dependencies, customerId)).find((one) => one.windowId === windowId);
  if (window === undefined) {
    const message = `customer ${customerId} has no maintenance window ${windowId} that is not over`;
    throw new Refusal("not-found", message, "List the customer's maintenance windows to find its id.");
  }
  const change = { action: "maintenance.ended", customerId, subject: windowId, before: shown(window) } as const;
  await audited(dependencies, change, () => dependencies.stores.alertSettings.removeWindow(customerId, windowId));
  await settleIncidentsOf(dependencies, customerId);
}

function refuseImpossible({ startsMs, endsMs }: MaintenanceWindow, nowMs: number): void {
  const days = limits.maintenanceDaysMax;
  const problem =
    endsMs <= startsMs
      ? "it ends before it begins"
      : endsMs <= nowMs
        ? "it is over already"
        : endsMs - startsMs > days * 86_400_000
          ? `it lasts longer than ${days} days`
          : null;
  if (problem === null) return;
  throw new Refusal("invalid-request", `the maintenance window cannot be: ${problem}`, "Correct its start and its end.", {
    problems: [{ path: "endsAt", message: problem }],
  });
}

/** A cluster of somebody else is as unknown as one that never was. */
async function ownClusterOrRefuse(dependencies: Dependencies, customerId: CustomerId, clusterId: ClusterId): Promise<void> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  if (document.customerId !== customerId) throw noSuchCluster(clusterId);
}

function shown({ clusterId, startsMs, endsMs, reason }: MaintenanceWindow) {
  return { clusterId, startsAt: new Date(startsMs).toISOString(), endsAt: new Date(endsMs).toISOString(), reason };
}

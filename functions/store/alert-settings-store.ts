import type { CustomerId } from "../../shared/domain/ids.ts";
import type { MaintenanceWindow } from "../../shared/domain/incidents/maintenance-window.ts";

/** How a customer wants to be told. */
export interface AlertSettings {
  /** A critical incident that nobody has acknowledged for so long goes to the second topic; null: none ever does. */
  readonly escalateAfterMinutes: number | null;
  /** A node or a site without contact to the cloud for so long is silent. */
  readonly silentAfterSeconds: number;
}

export const defaultAlertSettings: AlertSettings = { escalateAfterMinutes: 15, silentAfterSeconds: 90 };

/** Rejects with `StoreUnavailableError` only. */
export interface AlertSettingsStore {
  /** The default where the customer never said. */
  find(customerId: CustomerId): Promise<AlertSettings>;
  put(customerId: CustomerId, settings: AlertSettings): Promise<void>;
  /** All of the customer's, also those that are over. Strongly consistent. */
  windows(customerId: CustomerId): Promise<readonly MaintenanceWindow[]>;
  putWindow(customerId: CustomerId, window: MaintenanceWindow): Promise<void>;
  /** Nothing happens where it is gone already. */
  removeWindow(customerId: CustomerId, windowId: string): Promise<void>;
}

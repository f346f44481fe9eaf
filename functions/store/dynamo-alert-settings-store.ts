import type { CustomerId } from "../../shared/domain/ids.ts";
import type { MaintenanceWindow } from "../../shared/domain/incidents/maintenance-window.ts";
import { type AlertSettings, type AlertSettingsStore, defaultAlertSettings } from "./alert-settings-store.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import { below, keyOf } from "./table-keys.ts";

export class DynamoAlertSettingsStore implements AlertSettingsStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async find(customerId: CustomerId): Promise<AlertSettings> {
    const item = await this.#table.get(keyOf.alertSettings(customerId));
    return { ...defaultAlertSettings, ...(item?.["settings"] as Partial<AlertSettings> | undefined) };
  }

  async put(customerId: CustomerId, settings: AlertSettings): Promise<void> {
    await this.#table.put({ ...keyOf.alertSettings(customerId), settings });
  }

  async windows(customerId: CustomerId): Promise<readonly MaintenanceWindow[]> {
    const items = await this.#table.allBelow(keyOf.customer(customerId).pk, below.maintenance);
    return items.map((item) => item["window"] as MaintenanceWindow);
  }

  async putWindow(customerId: CustomerId, window: MaintenanceWindow): Promise<void> {
    await this.#table.put({ ...keyOf.maintenance(customerId, window.windowId), window });
  }

  async removeWindow(customerId: CustomerId, windowId: string): Promise<void> {
    await this.#table.remove(keyOf.maintenance(customerId, windowId));
  }
}

import type { Dependencies } from "../dependencies.ts";
import { dispatchAlerts } from "../use-cases/dispatch-alerts.ts";

/**
 * Dispatches what is due, whoever woke it (the table's stream, or the schedule that sweeps). Retried by its source; a repeat is harmless, because an
 * alert that was sent is not pending any more.
 */
export function alertsHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    let more = true;
    while (more) ({ more } = await dispatchAlerts(dependencies));
  };
}

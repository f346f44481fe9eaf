import type { Dependencies } from "../dependencies.ts";
import { dispatchAlerts } from "../use-cases/dispatch-alerts.ts";

const pauseMs = 1_000;
/** Longer than the pauses that most announcements wait for (incidents/incident.ts); what is due later waits for the schedule. */
const pausesMax = 12;

/**
 * Dispatches what is due, whoever woke it (the table's stream, or the schedule that sweeps). Retried by its source; a repeat is harmless, because an
 * alert that was sent is not pending any more. With `pause` it stays awake for what falls due within seconds: a schedule looks but once a minute.
 */
export function alertsHandler(dependencies: Dependencies, pause?: (ms: number) => Promise<unknown>) {
  return async (): Promise<void> => {
    for (let pauses = 0; ; pauses += 1) {
      let more = true;
      while (more) ({ more } = await dispatchAlerts(dependencies));
      if (pause === undefined || pauses === pausesMax || !(await isDueWithin(dependencies, (pausesMax - pauses) * pauseMs))) return;
      await pause(pauseMs);
    }
  };
}

async function isDueWithin({ stores, nowMs }: Dependencies, ms: number): Promise<boolean> {
  const untilMs = nowMs() + ms;
  const { alertInbox, incidents, outgoingAlerts } = stores;
  const due = await Promise.all([alertInbox, incidents, outgoingAlerts].map((store) => store.due(untilMs, 1)));
  return due.some(({ length }) => length > 0);
}

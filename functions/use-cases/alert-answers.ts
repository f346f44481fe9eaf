import type { z } from "zod";
import { type Incident, isTellable, severityOfIncident } from "../../shared/domain/incidents/incident.ts";
import type { MaintenanceWindow } from "../../shared/domain/incidents/maintenance-window.ts";
import type { handoverSchema, incidentSchema, maintenanceSchema } from "../../shared/protocol/alert-contract.ts";
import { type AlertNames, eventSentence } from "../notify/alert-message.ts";
import type { TracedAlert } from "./alert-history.ts";

export type ShownIncident = z.infer<typeof incidentSchema>;
export type ShownHandover = z.infer<typeof handoverSchema>;
export type ShownWindow = z.infer<typeof maintenanceSchema>;

/** An incident as the API and the console show it. */
export function incidentAnswer(incident: Incident, names: AlertNames): ShownIncident {
  const { number, facts, acknowledged, swallowed } = incident;
  return {
    number,
    severity: severityOfIncident(incident),
    openedAt: iso(Math.min(...facts.map(({ atMs }) => atMs))),
    closedAt: isoOrNull(incident.closedMs),
    announcements: incident.announced,
    acknowledged: acknowledged === null ? null : { by: acknowledged.by, at: iso(acknowledged.atMs) },
    escalatedAt: isoOrNull(incident.escalatedMs),
    facts: facts.map((fact) => ({
      kind: fact.event.detail.kind,
      severity: fact.event.severity,
      at: fact.event.at,
      sentence: eventSentence(fact.event, names),
      times: fact.times,
      isOver: fact.endedAtMs !== null,
      isTold: fact.toldIn !== null || isTellable(fact, incident),
    })),
    swallowed: [...swallowed],
  };
}

export function handoverAnswer(alert: TracedAlert): ShownHandover {
  const { message, incident, number, level } = alert;
  return {
    alertId: message.body.alertId,
    incident,
    number,
    level,
    phase: message.attributes.phase,
    subject: message.subject,
    announcedAt: iso(alert.announcedMs),
    sentAt: isoOrNull(alert.sentMs),
    messageId: alert.messageId,
    failedAttempts: alert.attempts,
    lastFailure: alert.lastFailure,
    nextAttemptAt: isoOrNull(alert.dueMs),
    deliveries:
      alert.deliveries?.map(({ deliveredAtMs, ...delivery }) => ({
        protocol: delivery.protocol,
        endpoint: delivery.endpoint,
        state: delivery.state,
        attempts: delivery.attempts,
        lastFailure: delivery.lastFailure,
        deliveredAt: isoOrNull(deliveredAtMs),
      })) ?? null,
  };
}

export function windowAnswer({ startsMs, endsMs, ...window }: MaintenanceWindow): ShownWindow {
  return { ...window, startsAt: iso(startsMs), endsAt: iso(endsMs) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}

import type { CustomerId, NodeId } from "../../shared/domain/ids.ts";
import type { AnnouncementPhase } from "../../shared/domain/incidents/announce.ts";
import type { ClusterEvent, Severity } from "../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { type Alert, type AlertIncident, alertSchemaName } from "../../shared/protocol/alert-schema.ts";
import { asciiLine, cutTo, oneLine } from "./plain-text.ts";

/** One alert, worded for each way that it may travel. */
export interface AlertMessage {
  /** ASCII, one line, at most 100 characters: what SNS and mail headers carry. */
  readonly subject: string;
  readonly emailText: string;
  /** ASCII, one line, at most 140 characters: one SMS. */
  readonly smsText: string;
  readonly body: Alert;
  /** What a subscriber's filter policy can choose by. */
  readonly attributes: {
    readonly customer: string;
    readonly cluster: string;
    readonly severity: string;
    readonly kind: string;
    readonly phase: string;
  };
}

export interface AlertNames {
  readonly customer: { readonly id: CustomerId; readonly name: string };
  readonly clusterName: string;
  /** A node's display name for its id; the id itself where it has none any more. */
  readonly nodeName: (node: NodeId) => string;
}

/** What is told: an event, and the incident that it leads. */
export interface AlertContent {
  readonly alertId: ClusterEvent["eventId"];
  /** The heaviest: what the alert's `kind` and `detail` are of. */
  readonly lead: ClusterEvent;
  readonly severity: Severity;
  readonly sentence: string;
  /** Null in a test message. */
  readonly incident: AlertIncident | null;
}

const subjectLengthMax = 100;
const smsLengthMax = 140;
/** Reasons may quote what a customer's own command printed; an alert carries the start of it. */
const sentenceLengthMax = 1_000;
const nameLengthMax = 100;

/** Words an alert for subscribers. Names are shown as they are given, without control characters. */
export function alertMessage(content: AlertContent, names: AlertNames): AlertMessage {
  const { alertId, lead, severity, incident } = content;
  const customer = { id: names.customer.id, name: displayed(names.customer.name, names.customer.id) };
  const cluster = { id: lead.clusterId, name: displayed(names.clusterName, lead.clusterId) };
  const reporter = { id: lead.reporter, name: displayed(names.nodeName(lead.reporter), lead.reporter) };
  const sentence = cutTo(sentenceLengthMax, oneLine(content.sentence));
  const { kind } = lead.detail;
  const headline = `${headlineWord(incident?.phase ?? null, severity)} ${cluster.name}: ${sentence}`;
  const body: Alert = {
    schema: alertSchemaName,
    alertId,
    customer,
    cluster,
    reporter,
    kind,
    severity,
    at: lead.at,
    sentence,
    detail: lead.detail,
    incident,
  };
  return {
    subject: cutTo(subjectLengthMax, asciiLine(headline)),
    smsText: cutTo(smsLengthMax, asciiLine(headline)),
    emailText: emailText(body),
    body,
    attributes: { customer: customer.id, cluster: cluster.id, severity, kind, phase: incident?.phase ?? "test" },
  };
}

/** One event in words, as alerts have it. */
export function eventSentence({ detail, reporter }: Pick<ClusterEvent, "detail" | "reporter">, names: AlertNames): string {
  return cutTo(sentenceLengthMax, oneLine(describeEvent(detail, reporter, (node) => displayed(names.nodeName(node), node))));
}

function headlineWord(phase: AnnouncementPhase | null, severity: Severity): string {
  switch (phase) {
    case null:
      return "TEST";
    case "opened":
      return severity.toUpperCase();
    case "updated":
      return `MORE ${severity.toUpperCase()}`;
    case "escalated":
      return `UNACKNOWLEDGED ${severity.toUpperCase()}`;
    case "closed":
      return "OVER";
  }
}

function displayed(name: string, id: string): string {
  return cutTo(nameLengthMax, oneLine(name)) || id;
}

function emailText({ alertId, sentence, at, severity, customer, cluster, reporter, kind, incident }: Alert): string {
  return [
    sentence,
    "",
    `When:        ${at}`,
    `Severity:    ${severity}`,
    `Customer:    ${customer.name}`,
    `Cluster:     ${cluster.name}`,
    `Reported by: ${reporter.name}`,
    `Kind:        ${kind}`,
    ...(incident === null ? [] : incidentLines(incident)),
    `Alert id:    ${alertId}`,
    "",
    "The same alert may arrive more than once; its id stays the same.",
    "",
  ].join("\n");
}

function incidentLines({ number, phase, facts, lateMs }: AlertIncident): readonly string[] {
  const late = lateMs === null ? [] : [`Late by:     ${Math.round(lateMs / 60_000)} min`];
  const list = facts.map((fact) => `  ${fact.at} ${fact.sentence}${fact.times > 1 ? ` (reported ${fact.times} times)` : ""}`);
  return [`Incident:    ${number}, ${phase}`, ...late, ...(facts.length > 1 ? ["", "All of it:", ...list, ""] : [])];
}

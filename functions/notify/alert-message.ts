import type { CustomerId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { type Alert, alertSchemaName } from "../../shared/protocol/alert-schema.ts";
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
  readonly attributes: { readonly customer: string; readonly cluster: string; readonly severity: string; readonly kind: string };
}

export interface AlertNames {
  readonly customer: { readonly id: CustomerId; readonly name: string };
  readonly clusterName: string;
  /** A node's display name for its id; the id itself where it has none any more. */
  readonly nodeName: (node: NodeId) => string;
}

const subjectLengthMax = 100;
const smsLengthMax = 140;
/** Reasons may quote what a customer's own command printed; an alert carries the start of it. */
const sentenceLengthMax = 1_000;
const nameLengthMax = 100;

/** Words an event for subscribers. Names are shown as they are given, without control characters. */
export function alertMessage(event: ClusterEvent, names: AlertNames): AlertMessage {
  const nameOf = (node: NodeId) => displayed(names.nodeName(node), node);
  const customer = { id: names.customer.id, name: displayed(names.customer.name, names.customer.id) };
  const cluster = { id: event.clusterId, name: displayed(names.clusterName, event.clusterId) };
  const reporter = { id: event.reporter, name: nameOf(event.reporter) };
  const sentence = cutTo(sentenceLengthMax, oneLine(describeEvent(event.detail, event.reporter, nameOf)));
  const { kind } = event.detail;
  const { severity, at } = event;
  const headline = `${severity.toUpperCase()} ${cluster.name}: ${sentence}`;
  return {
    subject: cutTo(subjectLengthMax, asciiLine(headline)),
    smsText: cutTo(smsLengthMax, asciiLine(headline)),
    emailText: emailText({ at, severity, sentence, customer: customer.name, cluster: cluster.name, reporter: reporter.name, event }),
    body: {
      schema: alertSchemaName,
      alertId: event.eventId,
      customer,
      cluster,
      reporter,
      kind,
      severity,
      at,
      sentence,
      detail: event.detail,
    },
    attributes: { customer: customer.id, cluster: cluster.id, severity, kind },
  };
}

function displayed(name: string, id: string): string {
  return cutTo(nameLengthMax, oneLine(name)) || id;
}

interface EmailParts {
  readonly at: string;
  readonly severity: string;
  readonly sentence: string;
  readonly customer: string;
  readonly cluster: string;
  readonly reporter: string;
  readonly event: ClusterEvent;
}

function emailText(parts: EmailParts): string {
  return [
    parts.sentence,
    "",
    `When:        ${parts.at}`,
    `Severity:    ${parts.severity}`,
    `Customer:    ${parts.customer}`,
    `Cluster:     ${parts.cluster}`,
    `Reported by: ${parts.reporter}`,
    `Kind:        ${parts.event.detail.kind}`,
    `Alert id:    ${parts.event.eventId}`,
    "",
    "The same alert may arrive more than once; its id stays the same.",
    "",
  ].join("\n");
}

import { createHash } from "node:crypto";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { type ClusterId, controlPlaneId, type EventId, type NodeId } from "../../shared/domain/ids.ts";
import { concernsIncidents } from "../../shared/domain/incidents/event-meaning.ts";
import { type ClusterEvent, severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import { isControlPlaneEvent } from "../../shared/domain/monitoring/control-plane-event.ts";
import { isLicenceEvent } from "../../shared/domain/monitoring/licence-event.ts";
import type { EventReceipt } from "../../shared/protocol/cloud-messages.ts";
import { clusterEventSchema } from "../../shared/protocol/event-schema.ts";
import type { Dependencies } from "../dependencies.ts";
import { refreshSummary } from "./refresh-summary.ts";

/** Who sent something, as its certificate says; never as the message says. */
export interface AuthenticatedNode {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
}

const batchSchema = z.object({ events: z.array(z.unknown()).min(1).max(limits.eventsPerMessageMax) });
const namedSchema = z.object({ eventId: z.string().max(200) });
const kindSchema = z.object({ detail: z.object({ kind: z.string().regex(/^[a-z._-]{1,64}$/) }) });

/**
 * Stores a batch of events and answers with a receipt: each event is stored (again: no matter) or refused for good, by its id. Null where the message
 * is no batch at all, so that there is nobody to answer. Rejects where the store is away: then there is no receipt, and the node sends again.
 */
export async function recordEvents(dependencies: Dependencies, sender: AuthenticatedNode, message: unknown): Promise<EventReceipt | null> {
  const batch = batchSchema.safeParse(message);
  if (!batch.success) return null;
  const stored: EventReceipt["stored"] = [];
  const refused: EventReceipt["refused"] = [];
  let isNews = false;
  for (const candidate of batch.data.events) {
    const verdict = judge(sender, candidate);
    if (typeof verdict === "string") {
      const named = namedSchema.safeParse(candidate);
      const eventId = named.success ? named.data.eventId : undefined;
      dependencies.log.warn({ ...sender, eventId, reason: verdict }, "an event was refused");
      if (eventId === undefined) continue;
      const refusal = refusalOf(sender, { eventId, kind: kindOf(candidate), reason: verdict }, dependencies.nowMs());
      if ((await recordEvent(dependencies, refusal)) === "stored") isNews = true;
      refused.push({ eventId, reason: verdict });
    } else {
      if ((await recordEvent(dependencies, verdict)) === "stored") isNews = true;
      stored.push(verdict.eventId);
    }
  }
  if (isNews) await refreshSummary(dependencies, sender.clusterId, ["status"]);
  return { stored, refused };
}

/** The inbox of alerts goes first: after a crash between the two writes the node sends the event again, and neither write harms when it is repeated. */
export async function recordEvent({ stores, nowMs, alertPending }: Dependencies, event: ClusterEvent): Promise<"stored" | "known"> {
  if (concernsIncidents(event) && (await stores.alertInbox.add(event, nowMs())) === "added") alertPending();
  return stores.events.add(event);
}

/** What is told in its place, once however often it comes: the node forgets what was refused, and an alert may have been lost with it. */
function refusalOf(
  { clusterId, nodeId }: AuthenticatedNode,
  { eventId, kind, reason }: { readonly eventId: string; readonly kind: string; readonly reason: string },
  nowMs: number,
): ClusterEvent {
  const detail = { kind: "event.refused", node: nodeId, what: kind, reason: reason.replaceAll(/\s+/g, " ") } as const;
  return {
    eventId: `${clusterId}/refused/${nodeId}/${createHash("sha256").update(eventId).digest("hex")}` as EventId,
    clusterId,
    reporter: controlPlaneId,
    at: new Date(nowMs).toISOString(),
    severity: severityOf[detail.kind],
    detail,
  };
}

function kindOf(candidate: unknown): string {
  const read = kindSchema.safeParse(candidate);
  return read.success ? read.data.detail.kind : "of no kind that is known";
}

/** The event, or why it is refused. */
function judge(sender: AuthenticatedNode, candidate: unknown): ClusterEvent | string {
  const parsed = clusterEventSchema.safeParse(candidate);
  if (!parsed.success) return z.prettifyError(parsed.error).slice(0, 1_000);
  const event = parsed.data;
  if (event.clusterId !== sender.clusterId) return `it belongs to cluster ${event.clusterId}, and the node to ${sender.clusterId}`;
  if (event.reporter !== sender.nodeId) return `it names ${event.reporter} as its reporter, and ${sender.nodeId} sent it`;
  if (isLicenceEvent(event.detail)) return "the control plane alone tells of licences";
  if (event.detail.kind === "certificate.expiring" || event.detail.kind === "certificate.expired")
    return "the control plane alone tells when a certificate ends";
  if (isControlPlaneEvent(event.detail)) return `the control plane alone tells of ${event.detail.kind}`;
  return event;
}

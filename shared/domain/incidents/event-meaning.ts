import type { NodeId } from "../ids.ts";
import { alertingKinds } from "../monitoring/alerting-events.ts";
import type { ClusterEvent, EventDetail } from "../monitoring/cluster-event.ts";
import { isLicenceEvent } from "../monitoring/licence-event.ts";

/** How long a fact waits for what belongs to it before it is told: the one alert should say the whole. */
export type Patience =
  /** It is what people wait for: at once, or a moment later where other groups may move along. */
  | "moment"
  /** It often brings something that says more (a failed service a takeover). */
  | "soon"
  /** It may pass by itself, or be explained; one that is over before this is never told. */
  | "patient";

export interface OpeningMeaning {
  /** What is the same however often and by whomever it is reported. */
  readonly key: string;
  /** A cause is told whatever else is known; a symptom only where nothing known explains it. */
  readonly role: "cause" | "symptom";
  readonly patience: Patience;
  /** It goes on until an event ends its key; otherwise it has happened, and that was it. */
  readonly lasts: boolean;
}

export interface EventMeaning {
  readonly opens: OpeningMeaning | null;
  /** Keys that are over with this event. */
  readonly ends: readonly string[];
}

const nothing: EventMeaning = { opens: null, ends: [] };

/** What an event says about incidents: what has begun with it, and what is over. */
export function meaningOf({ eventId, reporter, detail }: Pick<ClusterEvent, "eventId" | "reporter" | "detail">): EventMeaning {
  switch (detail.kind) {
    case "group.takeover":
      return {
        opens: detail.from === null ? null : cause(`moved/${detail.group}/${detail.epoch}`, "moment"),
        ends: [`halt/${detail.group}`, `unfit/${detail.group}`],
      };
    case "group.handover":
    case "group.claimed":
      return { opens: null, ends: [`halt/${detail.group}`, `unfit/${detail.group}`] };
    case "group.safe-halt":
      return lasting(cause(`halt/${detail.group}`, "soon"));
    case "group.nobody-fit":
      return lasting(cause(`unfit/${detail.group}`, "soon"));
    case "group.fit-again":
      return over(`unfit/${detail.group}`);
    case "group.flapping":
      return lasting(cause(`flapping/${detail.group}`, "soon"));
    case "group.settled":
      return over(`flapping/${detail.group}`);
    case "check.failed":
      return lasting(cause(`check/${detail.group}/${detail.check}/${reporter}`, "soon"));
    case "check.recovered":
      return over(`check/${detail.group}/${detail.check}/${reporter}`);
    case "dns.update_failed":
      return lasting(cause(`dns/${detail.record}/${detail.server ?? "none"}`, "soon"));
    case "dns.updated":
      return over(`dns/${detail.record}/${detail.server}`, `dns/${detail.record}/none`);
    case "dns.divergence":
      return lasting(cause(`divergence/${detail.record}`, "soon"));
    case "dns.agreement":
      return over(`divergence/${detail.record}`);
    case "dns.delegation_stale":
      return lasting(cause(`delegation/${detail.zone}`, "soon"));
    case "dns.delegation_current":
      return over(`delegation/${detail.zone}`);
    case "path.silent":
      return lasting(cause(`path/${detail.path}/${pair(reporter, detail.node)}`, "soon"));
    case "path.heard":
      return over(`path/${detail.path}/${pair(reporter, detail.node)}`);
    case "replication.refused":
      return lasting(cause(`refused/${detail.dataSet}/${reporter}`, "soon"));
    case "replication.snapshot-finished":
    case "replication.caught-up":
      return over(`refused/${detail.dataSet}/${reporter}`, `no-peer/${detail.dataSet}/${reporter}`);
    default:
      return silenceMeaning(reporter, detail) ?? otherMeaning(eventId, reporter, detail);
  }
}

/** What a node's silence brings along, and so is told only where nothing greater tells it. */
function silenceMeaning(reporter: NodeId, detail: EventDetail): EventMeaning | null {
  switch (detail.kind) {
    case "node.silent":
      return lasting(symptom(`silent/${detail.node}`));
    case "node.returned":
    case "node.removed":
      return over(`silent/${detail.node}`);
    case "site.silent":
      return lasting(cause("site", "soon"));
    case "site.returned":
      return over("site");
    case "replication.bypass":
      return {
        opens: { ...symptom(`bypass/${detail.dataSet}/${reporter}`), lasts: true },
        ends: [`no-peer/${detail.dataSet}/${reporter}`],
      };
    case "replication.no-peer":
      return lasting(symptom(`no-peer/${detail.dataSet}/${reporter}`));
    case "replication.failback":
      return over(`bypass/${detail.dataSet}/${reporter}`, `no-peer/${detail.dataSet}/${reporter}`);
    default:
      return null;
  }
}

/** Happenings without an end, and kinds that are new here: each tells itself. */
function otherMeaning(eventId: string, reporter: NodeId, detail: EventDetail): EventMeaning {
  if (!alertingKinds.has(detail.kind)) return nothing;
  // Every licence event is made once, and has an id that says what for.
  if (isLicenceEvent(detail)) return { opens: cause(eventId, "moment"), ends: [] };
  return { opens: cause(`${detail.kind}/${subjectOf(detail)}${reporter}`, "soon"), ends: [] };
}

/** What a happening is about, so that its repeats are counted and not told. */
function subjectOf(detail: EventDetail): string {
  const { group, service, name, dataSet, table } = detail as Readonly<Partial<Record<string, string>>>;
  return [group, service, name, dataSet, table].flatMap((part) => (part === undefined ? [] : [`${part}/`])).join("");
}

function cause(key: string, patience: Patience): OpeningMeaning {
  return { key, role: "cause", patience, lasts: false };
}

function symptom(key: string): OpeningMeaning {
  return { key, role: "symptom", patience: "patient", lasts: false };
}

function lasting(opens: OpeningMeaning): EventMeaning {
  return { opens: { ...opens, lasts: true }, ends: [] };
}

function over(...ends: readonly string[]): EventMeaning {
  return { opens: null, ends };
}

function pair(one: NodeId, other: NodeId): string {
  return [one, other].toSorted().join("/");
}

/** Whether an event has anything to say about incidents; all others are for the timeline alone. */
export function concernsIncidents(event: Pick<ClusterEvent, "eventId" | "reporter" | "detail">): boolean {
  const { opens, ends } = meaningOf(event);
  return opens !== null || ends.length > 0;
}

import type { NodeId } from "../ids.ts";
import { alertingKinds } from "../monitoring/alerting-events.ts";
import type { ClusterEvent, EventDetail, EventKind } from "../monitoring/cluster-event.ts";
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

type Telling = Pick<ClusterEvent, "eventId" | "reporter">;
type Rows = {
  readonly [Kind in EventKind]?: (detail: Extract<EventDetail, { readonly kind: Kind }>, telling: Telling) => EventMeaning;
};

const nothing: EventMeaning = { opens: null, ends: [] };
const clockDispute = "clock/dispute";
const running = ({ group }: { readonly group: string }) => [`halt/${group}`, `unfit/${group}`];

/** What begins or ends something, or explains something else. */
const rows: Rows = {
  "group.takeover": (detail) => ({
    opens: detail.from === null ? null : cause(`moved/${detail.group}/${detail.epoch}`, "moment"),
    ends: running(detail),
  }),
  "group.handover": (detail) => over(...running(detail)),
  "group.claimed": (detail) => over(...running(detail)),
  "group.safe-halt": ({ group }) => lasting(cause(`halt/${group}`, "soon")),
  "group.nobody-fit": ({ group }) => lasting(cause(`unfit/${group}`, "soon")),
  "group.fit-again": ({ group }) => over(`unfit/${group}`),
  "group.flapping": ({ group }) => lasting(cause(`flapping/${group}`, "soon")),
  "group.settled": ({ group }) => over(`flapping/${group}`),
  "check.failed": ({ group, check }, { reporter }) => lasting(cause(`check/${group}/${check}/${reporter}`, "soon")),
  "check.recovered": ({ group, check }, { reporter }) => over(`check/${group}/${check}/${reporter}`),
  "shared-data.failed": ({ dataSet }, { reporter }) => lasting(cause(`shared-data/${dataSet}/${reporter}`, "soon")),
  "shared-data.recovered": ({ dataSet }, { reporter }) => over(`shared-data/${dataSet}/${reporter}`),
  "dns.update_failed": ({ record, server }) => lasting(cause(`dns/${record}/${server ?? "none"}`, "soon")),
  "dns.updated": ({ record, server }) => over(`dns/${record}/${server}`, `dns/${record}/none`),
  "dns.divergence": ({ record }) => lasting(cause(`divergence/${record}`, "soon")),
  "dns.agreement": ({ record }) => over(`divergence/${record}`),
  "dns.delegation_stale": ({ zone }) => lasting(cause(`delegation/${zone}`, "soon")),
  "dns.delegation_current": ({ zone }) => over(`delegation/${zone}`),
  "path.silent": ({ path, node }, { reporter }) => lasting(cause(`path/${path}/${pair(reporter, node)}`, "soon")),
  "path.heard": ({ path, node }, { reporter }) => over(`path/${path}/${pair(reporter, node)}`),
  // Two clocks that differ are one matter until a majority says whose is wrong, and then that node's.
  "clock.skewed": ({ node, than }) =>
    than === null ? { ...lasting(cause(`clock/${node}`, "soon")), ends: [clockDispute] } : lasting(cause(clockDispute, "soon")),
  "clock.aligned": ({ node, than }) => over(than === null ? `clock/${node}` : clockDispute),
  "replication.refused": ({ dataSet }, { reporter }) => lasting(cause(`refused/${dataSet}/${reporter}`, "soon")),
  "replication.ready": ({ dataSet }, { reporter }) => over(`refused/${dataSet}/${reporter}`),
  "replication.snapshot-finished": ({ dataSet }, { reporter }) => over(`refused/${dataSet}/${reporter}`, `no-peer/${dataSet}/${reporter}`),
  "replication.caught-up": ({ dataSet }, { reporter }) =>
    over(`refused/${dataSet}/${reporter}`, `no-peer/${dataSet}/${reporter}`, `log/${reporter}`),
  "replication.log-filling": ({ node }) => lasting(cause(`log/${node}`, "soon")),
  "replication.resync-finished": (_, { reporter }) => over(`log/${reporter}`),
  // However often it is told that the end comes nearer, it is one matter, until the node has another one.
  "certificate.expiring": ({ node }) => lasting(cause(`certificate/${node}`, "moment")),
  "certificate.expired": ({ node }) => ({ ...lasting(cause(`certificate-expired/${node}`, "moment")), ends: [`certificate/${node}`] }),
  "certificate.rotated": (_, { reporter }) => over(`certificate/${reporter}`, `certificate-expired/${reporter}`),
  // By its node alone: what kind it is of is that node's word.
  "event.refused": ({ node }) => ({ opens: cause(`refused-event/${node}`, "soon"), ends: [] }),
  "trigger.fired": ({ occurrence, action }) => ({ opens: cause(`fired/${occurrence}/${action}`, "moment"), ends: [] }),
  "trigger.failed": ({ trigger }) => ({ opens: cause(`trigger-failed/${trigger}`, "soon"), ends: [] }),
  "trigger.missed": ({ trigger }) => ({ opens: cause(`trigger-missed/${trigger}`, "soon"), ends: [] }),

  // What a node's silence brings along, and so is told only where nothing greater tells it.
  "node.silent": ({ node }) => lasting(symptom(`silent/${node}`)),
  "node.returned": ({ node }) => over(`silent/${node}`),
  "node.removed": ({ node }) =>
    over(`silent/${node}`, `log/${node}`, `clock/${node}`, `certificate/${node}`, `certificate-expired/${node}`),
  "site.silent": () => lasting(cause("site", "soon")),
  "site.returned": () => over("site"),
  "replication.bypass": ({ dataSet }, { reporter }) => ({
    opens: { ...symptom(`bypass/${dataSet}/${reporter}`), lasts: true },
    ends: [`no-peer/${dataSet}/${reporter}`],
  }),
  "replication.no-peer": ({ dataSet }, { reporter }) => lasting(symptom(`no-peer/${dataSet}/${reporter}`)),
  "replication.stale": ({ dataSet, origin }, { reporter }) => lasting(symptom(`stale/${dataSet}/${origin}/${reporter}`)),
  "replication.fresh": ({ dataSet, origin }, { reporter }) => over(`stale/${dataSet}/${origin}/${reporter}`),
  "replication.failback": ({ dataSet }, { reporter }) => over(`bypass/${dataSet}/${reporter}`, `no-peer/${dataSet}/${reporter}`),
};

/** What an event says about incidents: what has begun with it, and what is over. */
export function meaningOf(event: Pick<ClusterEvent, "eventId" | "reporter" | "detail">): EventMeaning {
  const row = rows[event.detail.kind] as ((detail: EventDetail, telling: Telling) => EventMeaning) | undefined;
  return row === undefined ? happening(event) : row(event.detail, event);
}

/** Happenings without an end, and kinds that are new here: each tells itself. */
function happening({ eventId, reporter, detail }: Pick<ClusterEvent, "eventId" | "reporter" | "detail">): EventMeaning {
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

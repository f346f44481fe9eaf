import { limits } from "../../shared/config/limits.ts";
import {
  type Availability,
  availabilityOf,
  availabilityOfEnded,
  type GroupAvailability,
  together,
} from "../../shared/domain/availability/availability.ts";
import { type DatedEvent, findOutages } from "../../shared/domain/availability/find-outages.ts";
import type { Period } from "../../shared/domain/availability/period.ts";
import type { ClusterId, CustomerId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { clusterOrRefuse, customerOrRefuse } from "./find-or-refuse.ts";
import { monthNameAt, monthOf } from "./month.ts";
import { Refusal } from "./refusal.ts";

type Ports = Pick<Dependencies, "stores" | "nowMs">;

/** All groups of a cluster in a month. */
export interface ClusterAvailability {
  readonly clusterId: ClusterId;
  readonly name: string;
  readonly total: Availability;
  readonly groups: readonly GroupAvailability[];
  /** False where the cluster has had more events than a report reads: what lies before the last of them is not counted. */
  readonly isComplete: boolean;
  /** For people; the id of a node that is no member any more. */
  readonly nameOf: (node: NodeId) => string;
}

/** Of one customer, or of one of its clusters. */
export interface AvailabilityReport {
  readonly customer: Customer;
  readonly month: string;
  readonly period: Period;
  readonly total: Availability;
  readonly clusters: readonly ClusterAvailability[];
}

/** So many clusters' events are read at once. */
const clustersAtOnce = 8;

/** Availability of one cluster's groups in a month (`2026-11`; the present one where none is named). */
export async function readClusterAvailability(ports: Ports, clusterId: ClusterId, month?: string): Promise<AvailabilityReport> {
  const asked = monthOrRefuse(month, ports.nowMs());
  const { document } = await clusterOrRefuse(ports, clusterId);
  const customer = await customerOrRefuse(ports, document.customerId);
  const cluster = await availabilityIn(ports, document, asked.period);
  return { customer, ...asked, total: cluster.total, clusters: [cluster] };
}

/** The same of all clusters of a customer, by their names. */
export async function readCustomerAvailability(ports: Ports, customerId: CustomerId, month?: string): Promise<AvailabilityReport> {
  const asked = monthOrRefuse(month, ports.nowMs());
  const customer = await customerOrRefuse(ports, customerId);
  const documents = (await ports.stores.clusters.listOfCustomer(customerId)).map(({ document }) => document);
  const clusters: ClusterAvailability[] = [];
  for (let first = 0; first < documents.length; first += clustersAtOnce) {
    const some = documents.slice(first, first + clustersAtOnce);
    clusters.push(...(await Promise.all(some.map((document) => availabilityIn(ports, document, asked.period)))));
  }
  const byName = clusters.toSorted((one, other) => one.name.localeCompare(other.name, "en"));
  return { customer, ...asked, total: together(clusters.map(({ total }) => total)), clusters: byName };
}

function monthOrRefuse(name: string | undefined, nowMs: number): { readonly month: string; readonly period: Period } {
  const month = name ?? monthNameAt(nowMs);
  const period = monthOf(month);
  if (period === null) throw new Refusal("invalid-request", `${month} is no month`, "Write it as year and month, like 2026-11.");
  if (period.fromMs > nowMs) throw new Refusal("invalid-request", `${month} has not begun`, "Ask for the present month, or one before it.");
  return { month, period };
}

async function availabilityIn({ stores, nowMs }: Ports, document: ClusterDocument, period: Period): Promise<ClusterAvailability> {
  const { clusterId, name } = document;
  const wanted = new Set<string>(document.groups.map((group) => group.name));
  const dated: DatedEvent[] = [];
  let isComplete = true;
  let from: string | undefined;
  do {
    const place = from === undefined ? { beforeMs: period.toMs } : { from };
    const page = await stores.events.page(clusterId, { limit: limits.eventsPerPageMax, ...place });
    if (page === "bad-position") throw new Error(`the events of ${clusterId} do not go on where their own page says`);
    const older = page.events.map((event) => ({ event, atMs: Date.parse(event.at) }));
    dated.push(...older);
    // From here on only what was so already when the month began: who served each group then, if anybody did.
    for (const { event, atMs } of older) if (atMs < period.fromMs) wanted.delete(groupServedBy(event));
    from = page.next;
    isComplete = dated.length < limits.eventsPerAvailabilityReportMax;
  } while (from !== undefined && isComplete && !isDecided(dated, wanted, period));
  const present = new Set<string>(document.groups.map((group) => group.name));
  const groups = findOutages(dated).map((history) =>
    (present.has(history.group) ? availabilityOf : availabilityOfEnded)(history, period, nowMs()),
  );
  const names = new Map(membersOf(document).map((member) => [member.nodeId, member.name]));
  return {
    clusterId,
    name,
    total: together(groups),
    groups: groups.filter(({ observedMs }) => observedMs > 0).toSorted((one, other) => one.group.localeCompare(other.group, "en")),
    isComplete,
    nameOf: (node) => names.get(node) ?? node,
  };
}

function isDecided(dated: readonly DatedEvent[], wanted: ReadonlySet<string>, { fromMs }: Period): boolean {
  const oldest = dated.at(-1);
  return wanted.size === 0 && oldest !== undefined && oldest.atMs < fromMs;
}

function groupServedBy({ detail }: ClusterEvent): string {
  return detail.kind === "group.takeover" || detail.kind === "group.handover" ? detail.group : "";
}

import { isIPv4, isIPv6 } from "node:net";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { DnsRecord } from "../../shared/domain/membership/answer-resources.ts";
import type { ClusterDocument, PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { RecordTarget } from "./record-update.ts";

/** A record that this node is to keep at one server while it is operational under this epoch. */
export type WantedRecord = Omit<RecordTarget, "isCurrent"> & { readonly group: PriorityGroup["name"] };

/** Everything that the wish for it depends on, in one line: where that changes it is another wish. */
export function wishOf({ server, zone, domainName, type, ttlSeconds, address, fence }: WantedRecord): string {
  return [server.host, server.port, zone, domainName, type, ttlSeconds, address, fence.group, fence.epoch, fence.documentVersion].join(" ");
}

/** As it is told to people. */
export function recordName({ domainName, type }: Pick<DnsRecord, "domainName" | "type">): string {
  return `${domainName} (${type})`;
}

/** A DNS record of this node's, with what is needed to keep it; or why this node could not. */
export interface ReadyRecord {
  readonly record: DnsRecord;
  readonly group: PriorityGroup["name"];
  readonly address: string;
  readonly secret: Buffer;
}

export interface UnreadyRecord {
  readonly record: DnsRecord;
  readonly group: PriorityGroup["name"];
  readonly reason: string;
}

/** All records of the groups that this node may hold: ready to be kept, or with what is missing in settings or document. */
export function recordsOf(
  document: ClusterDocument,
  nodeId: NodeId,
  keys: AgentSettings["tsigKeys"],
): readonly (ReadyRecord | UnreadyRecord)[] {
  const node = document.nodes.find((member) => member.nodeId === nodeId);
  if (node === undefined) return [];
  return document.groups.flatMap(({ name: group, order, resources }) =>
    order.includes(nodeId)
      ? resources.flatMap((record) => (record.kind === "dns-record" ? [readiness(record, group, nodeId, node.host, keys)] : []))
      : [],
  );
}

function readiness(
  record: DnsRecord,
  group: PriorityGroup["name"],
  nodeId: NodeId,
  host: string,
  keys: AgentSettings["tsigKeys"],
): ReadyRecord | UnreadyRecord {
  const { type, tsigKey } = record;
  const address = record.addresses?.[nodeId] ?? host;
  const key = keys[tsigKey];
  if (key === undefined)
    return { record, group, reason: `the settings of this node have no key ${tsigKey}: add tsigKeys.${tsigKey} to them` };
  if (!(type === "A" ? isIPv4(address) : isIPv6(address)))
    return { record, group, reason: `${address} cannot be the value of an ${type} record: give this node an address in the resource` };
  return { record, group, address, secret: Buffer.from(key.secret, "base64") };
}

export function isReady(record: ReadyRecord | UnreadyRecord): record is ReadyRecord {
  return !("reason" in record);
}

import type { ClusterId, GroupName, NodeId } from "../ids.ts";

/**
 * Who points a name at itself, under which number: a TXT record beside the address, changed with it in one update. An update names
 * the fence that it found as its prerequisite, so the server itself refuses whoever is late (F1).
 */
export interface Fence {
  readonly clusterId: ClusterId;
  readonly group: GroupName;
  readonly epoch: number;
  /** Of the cluster document that says that this group holds the name. */
  readonly documentVersion: number;
  readonly node: NodeId;
}

/** Beside the address: A and AAAA records of one name are fenced each for itself. */
export function fenceName(domainName: string, type: "A" | "AAAA"): string {
  return `_understudy-${type.toLowerCase()}.${domainName}`;
}

export function fenceText({ clusterId, group, epoch, documentVersion, node }: Fence): string {
  return `understudy cluster=${clusterId} group=${group} epoch=${epoch} document=${documentVersion} node=${node}`;
}

/** Null where the text is none of ours. */
export function readFence(text: string): Fence | null {
  const read = /^understudy cluster=(\S+) group=(\S+) epoch=(\d{1,15}) document=(\d{1,15}) node=(\S+)$/.exec(text);
  if (read === null) return null;
  const [, clusterId = "", group = "", epoch = "", documentVersion = "", node = ""] = read;
  return {
    clusterId: clusterId as ClusterId,
    group: group as GroupName,
    epoch: Number(epoch),
    documentVersion: Number(documentVersion),
    node: node as NodeId,
  };
}

/** What a node that holds the group does about the fence that it finds. */
export type Precedence = "mine" | "go-ahead" | "overtaken" | "foreign";

/** Epochs count within a group; where the name has moved from one group to another, the newer document does. */
export function precedence(own: Fence, found: Fence): Precedence {
  if (found.clusterId !== own.clusterId) return "foreign";
  if (found.group !== own.group) return found.documentVersion > own.documentVersion ? "overtaken" : "go-ahead";
  if (found.epoch === own.epoch) return found.node === own.node ? "mine" : "overtaken";
  return found.epoch > own.epoch ? "overtaken" : "go-ahead";
}

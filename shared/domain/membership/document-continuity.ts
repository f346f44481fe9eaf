import type { NodeId } from "../ids.ts";
import { isPrivateAddress } from "./address-scope.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { isInSubnet, parseIpAddress, type SubnetAddress } from "./ip-address.ts";
import { pathsOf } from "./lan-path.ts";
import { membersOf } from "./members.ts";

/*
 * What a node demands of a document beyond its signature. Whoever has stolen the signing key can sign anything; a cluster that has a day's memory of its
 * own members cannot be taken over within that day, and its data go to no address outside its own networks.
 */

/** A member as this node has known it: who, and by which certificate. */
export interface KnownMember {
  readonly nodeId: NodeId;
  readonly certificateSha256: string;
}

/** Where members may be beside private networks, as this node's own settings and interfaces have it. */
export interface OwnNetworks {
  readonly subnets: readonly SubnetAddress[];
  /** Names of hosts, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Where clients may be led: virtual addresses, and those in DNS. Null: anywhere. */
  readonly front: readonly SubnetAddress[] | null;
}

/** A control plane changes one thing at a time; a leap to the last possible version would keep every later one out. */
export const versionLeapMax = 1_000_000;

/** Names that nobody on the internet can own. */
const localName = /^(?:[^.]+|.+\.(?:local|internal|home\.arpa|lan|test))$/;

export function knownMembers(document: ClusterDocument): readonly KnownMember[] {
  return membersOf(document).map(({ nodeId, certificateSha256 }) => ({ nodeId, certificateSha256 }));
}

/**
 * Whom this node knows once `next` is in force: a certificate that `current` had announced has taken the place of the one before, and is the same member's.
 * Only the member itself can announce one: a document in force has been looked at for its signature (`NextCertificate.vouched`).
 */
export function afterSuccession(known: readonly KnownMember[], current: ClusterDocument, next: ClusterDocument): readonly KnownMember[] {
  return known.map((one) => {
    const before = membersOf(current).find(({ nodeId }) => nodeId === one.nodeId);
    const after = membersOf(next).find(({ nodeId }) => nodeId === one.nodeId);
    const isAnnounced = before?.certificateSha256 === one.certificateSha256 && before.nextCertificate?.sha256 === after?.certificateSha256;
    return isAnnounced && after !== undefined ? { nodeId: one.nodeId, certificateSha256: after.certificateSha256 } : one;
  });
}

/** Why `next` is not taken in place of `current` without somebody at this node who says so; none: it is. `known`: who was there a day ago. */
export function continuityProblems(
  current: ClusterDocument,
  next: ClusterDocument,
  known: readonly KnownMember[],
  own: OwnNetworks,
): readonly string[] {
  return [
    ...leapProblems(current, next),
    ...replacementProblems(next, afterSuccession(known, current, next)),
    ...placeProblems(current, next, own),
    ...frontProblems(current, next, own),
  ];
}

function leapProblems(current: ClusterDocument, next: ClusterDocument): readonly string[] {
  return next.version - current.version > versionLeapMax ? [`its version leaps from ${current.version} to ${next.version}`] : [];
}

/** Half of them may go within a day: of two nodes either, of three one. */
function replacementProblems(next: ClusterDocument, known: readonly KnownMember[]): readonly string[] {
  const kept = known.filter((one) =>
    membersOf(next).some((member) => member.nodeId === one.nodeId && member.certificateSha256 === one.certificateSha256),
  );
  if (kept.length * 2 >= known.length) return [];
  return [`of the ${known.length} members that this node has known for a day it keeps ${kept.length}, with their certificates`];
}

/** Members that were there before stay where they were. */
function placeProblems(current: ClusterDocument, next: ClusterDocument, own: OwnNetworks): readonly string[] {
  const before = new Set(membersOf(current).flatMap((member) => pathsOf(member).map(({ host }) => host)));
  return membersOf(next).flatMap((member) =>
    pathsOf(member)
      .filter(({ host }) => !before.has(host) && !isOwnPlace(host, own))
      .map(({ host }) => `${member.name} would be reached at ${host}, which is in none of this node's own networks`),
  );
}

/** What leads clients there already goes on doing so. */
function frontProblems(current: ClusterDocument, next: ClusterDocument, { front }: OwnNetworks): readonly string[] {
  if (front === null) return [];
  const before = new Set(frontAddresses(current).map(({ address }) => address));
  return frontAddresses(next).flatMap(({ name, address }) => {
    const parsed = parseIpAddress(address);
    const isAllowed = before.has(address) || (parsed !== null && front.some((subnet) => isInSubnet(parsed, subnet)));
    return isAllowed ? [] : [`${name} would lead clients to ${address}, which is in none of the networks of trust.addresses`];
  });
}

function frontAddresses({ groups }: ClusterDocument): readonly { readonly name: string; readonly address: string }[] {
  return groups.flatMap(({ resources }) =>
    resources.flatMap((resource) => {
      const { name } = resource;
      if (resource.kind === "address") return [{ name, address: resource.address.replace(/\/.*$/, "") }];
      if (resource.kind !== "dns-record" && resource.kind !== "dns-answer") return [];
      return Object.values(resource.addresses ?? {}).map((address) => ({ name, address }));
    }),
  );
}

function isOwnPlace(host: string, { subnets, names }: OwnNetworks): boolean {
  const address = parseIpAddress(host);
  if (address === null) return localName.test(host.toLowerCase()) || names.has(host.toLowerCase());
  return isPrivateAddress(address) || subnets.some((subnet) => isInSubnet(address, subnet));
}

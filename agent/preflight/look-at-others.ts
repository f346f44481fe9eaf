import { connect, isIP, isIPv6 } from "node:net";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { pathsBetween, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { type Member, membersOf } from "../../shared/domain/membership/members.ts";
import type { MemberPort, ReachFact } from "../../shared/domain/preflight/preflight-facts.ts";
import { systemErrorCode } from "../agent-error.ts";

/** As the check's own words have it. */
const connectMs = 3_000;

/** Tries every port of every other member at once, from this node's own address where there are several networks; each connection ends without a word. */
export function lookAtOthers(nodeId: NodeId, document: ClusterDocument): Promise<readonly ReachFact[]> {
  const members = membersOf(document);
  const self = members.find((member) => member.nodeId === nodeId);
  if (self === undefined) return Promise.resolve([]);
  const own = new Map(pathsOf(self).map(({ name, host }) => [name, host]));
  const tries = members
    .filter((member) => member.nodeId !== nodeId)
    .flatMap((member) =>
      pathsBetween(self, member).flatMap(({ name: path, host }) =>
        portsOf(document, self, member).map(async ([port, number]): Promise<ReachFact> => {
          const from = own.size > 1 ? own.get(path) : undefined;
          const where = `${isIPv6(host) ? `[${host}]` : host}:${number}`;
          return { nodeId: member.nodeId, name: member.name, path, port, where, problem: await tryToReach(host, number, from) };
        }),
      ),
    );
  return Promise.all(tries);
}

/** Replication goes between nodes alone: a witness has no data. */
function portsOf({ nodes }: ClusterDocument, self: Member, member: Member): readonly (readonly [MemberPort, number])[] {
  const [own, other] = [self, member].map((one) => nodes.find((node) => node.nodeId === one.nodeId));
  const replication = own === undefined || other === undefined ? [] : [["replication", other.replicationPort] as const];
  return [["heartbeat", member.heartbeatPort], ...replication];
}

const wordsFor: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  EHOSTUNREACH: "is on no network that is reached",
  ENETUNREACH: "is on no network that is reached",
  ENOTFOUND: "has a name that does not resolve",
  EAI_AGAIN: "has a name that does not resolve",
  EADDRNOTAVAIL: "cannot be tried: this server lacks its own address there",
};

function tryToReach(host: string, port: number, from: string | undefined): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...(from === undefined || isIP(from) === 0 ? {} : { localAddress: from }) });
    const end = (problem: string | null): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(problem);
    };
    const patience = setTimeout(() => end(`gives no answer within ${connectMs / 1_000} s`), connectMs);
    socket.once("connect", () => end(null));
    socket.once("error", (error) => end(wordsFor[systemErrorCode(error) ?? ""] ?? `cannot be reached: ${error.message}`));
  });
}

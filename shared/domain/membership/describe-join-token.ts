import type { NodeId } from "../ids.ts";
import type { Admission } from "../licensing/admission.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { type MemberRole, membersOf } from "./members.ts";
import { whenAloneOf } from "./when-alone.ts";

export interface WantedToken {
  readonly role: MemberRole;
  /** The member that gets another certificate; absent: it enrols a new one. */
  readonly nodeId?: NodeId;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

export interface JoinSetting {
  /** What the licences would say to one more node now. */
  readonly admission: Admission;
  /** Whether a new node may run services by the licences. */
  readonly serves: boolean;
  readonly nodesMax: number;
  /** Other tokens that can still be used. */
  readonly openTokens: number;
}

/** What becomes of a cluster with a join token, and with who uses it, in sentences for people. */
export function describeJoinToken(document: ClusterDocument, wanted: WantedToken, setting: JoinSetting): readonly string[] {
  const { nodeId, role } = wanted;
  const opens = `until ${wanted.expiresAt}, once; it is shown when it is made and never again`;
  const others =
    setting.openTokens === 0 ? [] : [`${setting.openTokens} other ${setting.openTokens === 1 ? "token is" : "tokens are"} open`];
  if (nodeId !== undefined) {
    const name = membersOf(document).find((member) => member.nodeId === nodeId)?.name ?? nodeId;
    return [
      `${name} gets another certificate with the token, ${opens}`,
      "its present certificate is nobody's from then on; everything else of it stays",
      ...others,
    ];
  }
  if (role === "witness") return [`a witness can join with the token, ${opens}`, ...witnessSentences(document), ...others];
  return [`one server can join with the token, ${opens}`, ...nodeSentences(document, setting), ...others];
}

function witnessSentences({ witness }: ClusterDocument): readonly string[] {
  if (witness === undefined) return ["it votes while the number of voting nodes is even, has no data, and needs no licence"];
  return witness.kind === "agent"
    ? [`it would be refused: ${witness.name} is the witness already, and must be removed first`]
    : ["it takes the control plane's place as the witness: one on the LAN answers sooner"];
}

function nodeSentences(document: ClusterDocument, { admission, serves, nodesMax }: JoinSetting): readonly string[] {
  const { nodes } = document;
  if (!admission.admitted)
    return [`it would have to wait: ${admission.reason}; it goes on by itself with a further licence, for up to a day`];
  if (nodes.length >= nodesMax) return [`it would be refused: ${nodes.length} nodes are the most that a cluster may have`];
  const first = nodes.length === 0;
  const alone =
    nodes.length === 2 && whenAloneOf(document) !== "stop"
      ? [`from then on a majority decides, and no more what two nodes do when they lose each other (${whenAloneOf(document)})`]
      : [];
  return [
    first
      ? "it becomes the first node, the primary, with the only vote"
      : "it comes last in the ring, without a vote until it has everything and a majority hears it",
    serves ? "it comes last in the order of group default" : "it runs no services: the licences do not grant active_cluster_member",
    ...alone,
  ];
}

import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import { isVoter, votingWitnessOf } from "../membership/quorum.ts";
import type { DurationUs } from "../time.ts";

/*
 * The control plane's vote in one cluster. It is kept in a table that many processes write and none of them has a clock that another one shares: so a
 * promise has no end here. Whoever wants a group that is promised to another node shows that it has seen the same promise stand for its whole length,
 * on its own clock; a promise that was renewed meanwhile bears another number.
 */

export interface CloudPromise {
  /** Null once it was given back. The epoch stays: it is never promised twice. */
  readonly to: NodeId | null;
  readonly toIncarnation: number;
  readonly epoch: number;
  readonly requestId: number;
  /** On which it was asked for: as long as it stands, the vote answers for no newer one. */
  readonly documentVersion: number;
  /** For how long its holder counts on it at most, from before it asked. */
  readonly forUs: DurationUs;
  /** Another one with every promise that is made, renewed or given back. */
  readonly number: number;
}

/** All that the vote must know again after any end of its process. */
export interface CloudVotes {
  /** In the cluster document. */
  readonly witness: NodeId;
  /** Grows with every change: the condition of the next write. */
  readonly revision: number;
  /** The newest version of the document that nodes were told of: on an older one no answer is in the making any more. */
  readonly actsOn: number;
  readonly promises: Readonly<Record<GroupName, CloudPromise>>;
}

export type CloudQuestion = CloudLook | CloudAsk | CloudRelease | CloudExpiry;

/** What is there, and nothing else: keeps the way warm and measures it. */
export interface CloudLook {
  readonly type: "look";
}

export interface CloudAsk {
  readonly type: "ask";
  readonly incarnation: number;
  readonly documentVersion: number;
  readonly group: GroupName;
  readonly epoch: number;
  /** Grows within an incarnation: the same one again reads the same answer again. */
  readonly requestId: number;
  readonly forUs: DurationUs;
  /** The number of the promise that the asker has seen stand for its whole length; null: none. */
  readonly expired: number | null;
}

export interface CloudRelease {
  readonly type: "release";
  readonly incarnation: number;
  readonly group: GroupName;
  /** What was promised up to this one. */
  readonly epoch: number;
}

export type CloudRefusal = "held-by-another" | "older-epoch" | "older-document" | "not-a-candidate" | "superseded";

/** The asker has seen the promise with this number stand for its whole length: whoever has it does not count on it any more. */
export interface CloudExpiry {
  readonly type: "expire";
  readonly group: GroupName;
  readonly number: number;
}

/** Null: nothing was asked for. */
export type CloudVerdict = { readonly granted: true } | { readonly granted: false; readonly reason: CloudRefusal } | null;

export interface CloudAnswer {
  readonly documentVersion: number;
  readonly verdict: CloudVerdict;
  readonly promises: readonly (CloudPromise & { readonly group: GroupName })[];
}

/** Of the cluster document as it is now. `votersSince`: the version from which on it has had these voters. */
export interface Electorate {
  readonly document: ClusterDocument;
  readonly votersSince: number;
}

export function firstVotes(witness: NodeId): CloudVotes {
  return { witness, revision: 0, actsOn: 0, promises: {} };
}

/** The next votes, the same object where nothing changes, and what the node is told once they are stored. */
export function answerNode(
  votes: CloudVotes,
  electorate: Electorate,
  from: NodeId,
  question: CloudQuestion,
): { readonly votes: CloudVotes; readonly answer: CloudAnswer } {
  const { version } = electorate.document;
  const { promises, verdict } = judge(votes.promises, electorate, from, question);
  const isSame = promises === votes.promises && votes.actsOn >= version;
  const next = isSame ? votes : { ...votes, promises, revision: votes.revision + 1, actsOn: Math.max(votes.actsOn, version) };
  const told = Object.entries(promises).map(([group, promise]) => ({ group: group as GroupName, ...promise }));
  return { votes: next, answer: { documentVersion: versionInForce(next), verdict, promises: told } };
}

/** The version that the vote answers for: while a promise of an earlier one stands, that one, so that voters are not changed a second time too soon (rule 6). */
export function versionInForce({ actsOn, promises }: CloudVotes): number {
  return Math.min(actsOn, ...Object.values(promises).flatMap(({ to, documentVersion }) => (to === null ? [] : [documentVersion])));
}

function judge(
  promises: CloudVotes["promises"],
  electorate: Electorate,
  from: NodeId,
  question: CloudQuestion,
): { readonly promises: CloudVotes["promises"]; readonly verdict: CloudVerdict } {
  if (question.type === "look") return { promises, verdict: null };
  const held = promises[question.group];
  if (question.type === "expire") {
    if (held === undefined || held.to === null || held.number !== question.number) return { promises, verdict: null };
    return { promises: { ...promises, [question.group]: givenBack(held) }, verdict: null };
  }
  const isSame = held !== undefined && held.to === from && held.toIncarnation === question.incarnation;
  if (question.type === "release") {
    if (!isSame || held.epoch > question.epoch) return { promises, verdict: null };
    return { promises: { ...promises, [question.group]: givenBack(held) }, verdict: null };
  }
  const refusal = refusalOf(electorate, from, question, held, isSame);
  if (refusal !== null) return { promises, verdict: { granted: false, reason: refusal } };
  // Said again: what was answered is answered again, and made no longer.
  if (isSame && question.requestId === held.requestId) return { promises, verdict: { granted: true } };
  const { incarnation: toIncarnation, epoch, requestId, documentVersion } = question;
  const forUs = Math.max(question.forUs, isSame ? held.forUs : 0);
  const promise = { to: from, toIncarnation, epoch, requestId, documentVersion, forUs, number: (held?.number ?? 0) + 1 };
  return { promises: { ...promises, [question.group]: promise }, verdict: { granted: true } };
}

function givenBack(held: CloudPromise): CloudPromise {
  return { ...held, to: null, number: held.number + 1 };
}

function refusalOf(
  { document, votersSince }: Electorate,
  from: NodeId,
  asked: CloudAsk,
  held: CloudPromise | undefined,
  isSame: boolean,
): CloudRefusal | null {
  if (asked.documentVersion < votersSince) return "older-document";
  const isListed = document.groups.some(({ name, order }) => name === asked.group && order.includes(from));
  if (votingWitnessOf(document) === null || !isListed || !isVoter(document, from)) return "not-a-candidate";
  if (held === undefined) return null;
  if (!isSame && held.to !== null && asked.expired !== held.number) return "held-by-another";
  if (isSame && asked.requestId < held.requestId) return "superseded";
  if (isSame && asked.requestId === held.requestId) return asked.epoch === held.epoch ? null : "superseded";
  return asked.epoch > held.epoch || (isSame && asked.epoch === held.epoch) ? null : "older-epoch";
}

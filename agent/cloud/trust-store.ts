import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { documentProblems } from "../../shared/domain/membership/document-rules.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import { type VotersSince, votersSinceOf, votersSinceSeen } from "../../shared/domain/membership/voters-since.ts";
import { approvalProblem } from "../../shared/protocol/approvals.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import { signedTypes, verifySigned } from "../../shared/protocol/signatures.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import type { DocumentGuard } from "./document-guard.ts";
import { readVotersSeen, writeVotersSeen } from "./voters-seen.ts";
import { isVouchedFor } from "./vouched-certificate.ts";

/** A cluster document and the signature that makes it worth believing, to be passed on as it came. */
export interface TrustedDocument {
  readonly document: ClusterDocument;
  readonly jws: string;
}

export interface DocumentInForce extends TrustedDocument {
  /** From which version on the document has surely had its voters, as far as this node has seen (rule 6). */
  readonly votersSinceVersion: number;
}

export type Offer =
  | { readonly verdict: "accepted"; readonly trusted: DocumentInForce }
  /** The version that is in force already, or an older one: repetition is normal. */
  | { readonly verdict: "known" }
  | { readonly verdict: "refused"; readonly reason: string };

function howToAccept(version: number): string {
  return `If that is what the cluster's owner wants: understudy agent trust accept --version ${version}`;
}

/** What every accepted document must share with the first. */
interface Belonging {
  readonly clusterId: ClusterId;
  readonly customerId?: CustomerId;
}

/** Checks signature, shape and rules, and that each member has signed for its next certificate itself. Nothing in the document is believed before. */
export async function verifyDocument(jws: string, keys: JSONWebKeySet, belonging: Belonging): Promise<TrustedDocument | string> {
  if (jws.length > limits.clusterDocumentBytesMax) return `it is larger than ${limits.clusterDocumentBytesMax} bytes`;
  const verified = await verifySigned(signedTypes.document, jws, keys);
  if (!verified.ok) return verified.reason;
  const parsed = clusterDocumentSchema.safeParse(verified.payload);
  if (!parsed.success) return `its content is not a cluster document: ${z.prettifyError(parsed.error).slice(0, 500)}`;
  const document = parsed.data;
  if (document.clusterId !== belonging.clusterId)
    return `it is of cluster ${document.clusterId}, this node belongs to ${belonging.clusterId}`;
  if (belonging.customerId !== undefined && document.customerId !== belonging.customerId) {
    return `it is of customer ${document.customerId}, this node belongs to ${belonging.customerId}`;
  }
  const problem = documentProblems(document, failoverSettings)[0];
  if (problem !== undefined) return `it breaks a rule at ${problem.path}: ${problem.message}`;
  const silent = membersOf(document).find((member) => !isVouchedFor(member));
  if (silent === undefined) return { document, jws };
  return `it names a next certificate of ${silent.name} for which ${silent.name} has not signed with the key of its present one`;
}

/** A document whose signature is right, and which waits for somebody at this node. */
export interface HeldDocument {
  readonly version: number;
  readonly reason: string;
}

/** The signed cluster document in force: the whole trust store of the LAN. Grows only by documents that keep every check. */
export class TrustStore {
  readonly #path: string;
  readonly #keys: JSONWebKeySet;
  #guard: Pick<DocumentGuard, "problemOf" | "accepted"> | null = null;
  #held: (HeldDocument & { readonly trusted: TrustedDocument }) | null = null;
  #seen: VotersSince;
  #current: DocumentInForce;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(path: string, keys: JSONWebKeySet, current: TrustedDocument, seen: VotersSince) {
    this.#path = path;
    this.#keys = keys;
    this.#seen = seen;
    this.#current = { ...current, votersSinceVersion: votersSinceOf(seen, current.document) };
  }

  static async open(path: string, keys: JSONWebKeySet, clusterId: ClusterId): Promise<TrustStore> {
    const jws = await readIfPresent(path);
    const trusted = jws === null ? "the file is missing" : await verifyDocument(jws.trim(), keys, { clusterId });
    if (typeof trusted !== "string") return new TrustStore(path, keys, trusted, await readVotersSeen(path, trusted.document));
    const nextStep = "Copy the file from another node of the cluster (it is signed, and the same on all), then start the agent again.";
    throw new AgentError("data-dir-unusable", `The cluster document ${path} cannot be used: ${trusted}.`, nextStep);
  }

  get current(): DocumentInForce {
    return this.#current;
  }

  /** The newest that waits for `accept`. */
  get held(): HeldDocument | null {
    return this.#held;
  }

  /** From now on a document must keep to what this node itself demands, too. */
  guardedBy(guard: Pick<DocumentGuard, "problemOf" | "accepted">): void {
    this.#guard = guard;
  }

  /** Somebody at this node has looked at the document that waits: it is in force, unless it cannot be stored. Null where none of this version waits. */
  accept(version: number): Promise<Offer | null> {
    const accepted = this.#work.then(() => {
      const held = this.#held;
      return held?.version === version ? this.#put(held.trusted, true) : null;
    });
    this.#work = accepted.catch(() => undefined);
    return accepted;
  }

  /** What held it back may have passed: a day, or the minute in which too many came. Null where it waits on, or nothing does. */
  reconsider(): Promise<Offer | null> {
    const reconsidered = this.#work.then(async () => {
      const held = this.#held;
      if (held === null || (await this.#problemOf(held.trusted.document)) !== null) return null;
      return this.#put(held.trusted, false);
    });
    this.#work = reconsidered.catch(() => undefined);
    return reconsidered;
  }

  /** Takes a document from the cloud or a peer: accepted only when newer, and on disk before it is in force. One at a time. */
  offer(jws: string): Promise<Offer> {
    const offered = this.#work.then(() => this.#judge(jws));
    this.#work = offered.catch(() => undefined);
    return offered;
  }

  async #judge(jws: string): Promise<Offer> {
    // One that waits was told of when it came; it comes again and again.
    if (jws === this.#current.jws || jws === this.#held?.trusted.jws) return { verdict: "known" };
    const { clusterId, customerId, version } = this.#current.document;
    const trusted = await verifyDocument(jws, this.#keys, { clusterId, customerId });
    if (typeof trusted === "string") return { verdict: "refused", reason: trusted };
    if (trusted.document.version <= version) return { verdict: "known" };
    // Also one that waits: what is taken after it follows on it, and a voter refuses whoever acts on a document from before a gap.
    this.#seen = votersSinceSeen(this.#seen, trusted.document);
    const problem = await this.#problemOf(trusted.document);
    if (problem === null) return this.#put(trusted, false);
    // An older one than that which waits already is part of it.
    if (this.#held !== null && trusted.document.version <= this.#held.version) return { verdict: "known" };
    const reason = `version ${trusted.document.version} waits, since ${problem}. ${howToAccept(trusted.document.version)}`;
    this.#held = { version: trusted.document.version, reason, trusted };
    return { verdict: "refused", reason };
  }

  /** Why it waits: for the cluster's approver, for somebody here, or for both. Null: it need not. */
  async #problemOf(next: ClusterDocument): Promise<string | null> {
    const { document } = this.#current;
    const problems = [await approvalProblem(document, next), this.#guard?.problemOf(document, next) ?? null];
    const found = problems.filter((problem) => problem !== null);
    return found.length === 0 ? null : found.join("; ");
  }

  async #put(trusted: TrustedDocument, consented: boolean): Promise<Offer> {
    const { jws, document } = trusted;
    const seen = votersSinceSeen(this.#seen, document);
    const votersSinceVersion = votersSinceOf(seen, document);
    try {
      await writeDurably(this.#path, jws);
      await writeVotersSeen(this.#path, document, votersSinceVersion);
    } catch (error) {
      return { verdict: "refused", reason: `version ${trusted.document.version} cannot be stored: ${reasonOf(error)}` };
    }
    const before = this.#current.document;
    this.#seen = seen;
    this.#current = { ...trusted, votersSinceVersion };
    if (this.#held !== null && this.#held.version <= trusted.document.version) this.#held = null;
    await this.#guard?.accepted(before, trusted.document, consented);
    return { verdict: "accepted", trusted: this.#current };
  }
}

import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { documentProblems } from "../../shared/domain/membership/document-rules.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import { signedTypes, verifySigned } from "../../shared/protocol/signatures.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";

/** A cluster document and the signature that makes it worth believing, to be passed on as it came. */
export interface TrustedDocument {
  readonly document: ClusterDocument;
  readonly jws: string;
}

export type Offer =
  | { readonly verdict: "accepted"; readonly trusted: TrustedDocument }
  /** The version that is in force already, or an older one: repetition is normal. */
  | { readonly verdict: "known" }
  | { readonly verdict: "refused"; readonly reason: string };

/** What every accepted document must share with the first. */
interface Belonging {
  readonly clusterId: ClusterId;
  readonly customerId?: CustomerId;
}

/** Checks signature, shape and rules. Nothing in the document is believed before. */
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
  return problem === undefined ? { document, jws } : `it breaks a rule at ${problem.path}: ${problem.message}`;
}

/** The signed cluster document in force: the whole trust store of the LAN. Grows only by documents that keep every check. */
export class TrustStore {
  readonly #path: string;
  readonly #keys: JSONWebKeySet;
  #current: TrustedDocument;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(path: string, keys: JSONWebKeySet, current: TrustedDocument) {
    this.#path = path;
    this.#keys = keys;
    this.#current = current;
  }

  static async open(path: string, keys: JSONWebKeySet, clusterId: ClusterId): Promise<TrustStore> {
    const jws = await readIfPresent(path);
    const trusted = jws === null ? "the file is missing" : await verifyDocument(jws.trim(), keys, { clusterId });
    if (typeof trusted !== "string") return new TrustStore(path, keys, trusted);
    const nextStep = "Copy the file from another node of the cluster (it is signed, and the same on all), then start the agent again.";
    throw new AgentError("data-dir-unusable", `The cluster document ${path} cannot be used: ${trusted}.`, nextStep);
  }

  get current(): TrustedDocument {
    return this.#current;
  }

  /** Takes a document from the cloud or a peer: accepted only when newer, and on disk before it is in force. One at a time. */
  offer(jws: string): Promise<Offer> {
    const offered = this.#work.then(() => this.#judge(jws));
    this.#work = offered.catch(() => undefined);
    return offered;
  }

  async #judge(jws: string): Promise<Offer> {
    if (jws === this.#current.jws) return { verdict: "known" };
    const { clusterId, customerId, version } = this.#current.document;
    const trusted = await verifyDocument(jws, this.#keys, { clusterId, customerId });
    if (typeof trusted === "string") return { verdict: "refused", reason: trusted };
    if (trusted.document.version <= version) return { verdict: "known" };
    try {
      await writeDurably(this.#path, jws);
    } catch (error) {
      return { verdict: "refused", reason: `version ${trusted.document.version} cannot be stored: ${reasonOf(error)}` };
    }
    this.#current = trusted;
    return { verdict: "accepted", trusted };
  }
}

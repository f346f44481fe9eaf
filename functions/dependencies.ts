import type { JWK } from "jose";
import type { Actor } from "../shared/domain/audit/audit-entry.ts";
import type { ClusterId, NodeId } from "../shared/domain/ids.ts";
import type { EventReceipt } from "../shared/protocol/cloud-messages.ts";
import type { SignedType } from "../shared/protocol/signatures.ts";
import type { AlertDeliveries } from "./notify/deliveries.ts";
import type { Notifier } from "./notify/notifier.ts";
import type { Stores } from "./store/stores.ts";
import type { AuthenticatedNode } from "./use-cases/record-events.ts";
import type { UserDirectory } from "./user-directory.ts";

/** Signs what agents check offline: cluster documents and licences. ES256; the key itself never leaves the adapter. */
export interface DocumentSigner {
  /** Compact JWS over the UTF-8 JSON of the payload. `type` stands in its header, so that a licence never passes for a document. */
  sign(type: SignedType, payload: object): Promise<string>;
  /** Public keys that agents must accept, newest first. */
  publicKeys(): Promise<readonly JWK[]>;
}

/** The way to the agents. Rejects where the broker did not take the message: the caller's own retry repeats it. */
export interface AgentMessenger {
  /** Lets the node connect with its certificate (PEM) from now on. Idempotent. */
  admit(node: AuthenticatedNode, certificatePem: string): Promise<void>;
  /** Retained: replaces what was there for the cluster. Whoever the newest document does not name loses its connection. */
  publishDocument(clusterId: ClusterId, signed: string): Promise<void>;
  /** The cluster was removed: all its nodes lose their connection, and what was retained for it is gone; they go on with what they have. Idempotent. */
  retire(clusterId: ClusterId): Promise<void>;
  publishReceipt(clusterId: ClusterId, nodeId: NodeId, receipt: EventReceipt): Promise<void>;
}

/** Where agents reach the control plane, as join tokens and enrolments tell them. */
export interface AgentEndpoints {
  /** `https://host:port` of the API. */
  readonly apiUrl: string;
  /** SHA-256 of the certificate (DER) that must stand in the API's chain, hex; absent where public roots are trusted. */
  readonly apiCaSha256?: string;
  /** `mqtts://host:port` */
  readonly mqttUrl: string;
  /** Roots for both, PEM; absent where public roots do. */
  readonly caPem?: string;
}

/** One line of the log: what happened, and its facts. Never a secret. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What the use cases need. Built once, in each process's composition root. */
export interface Dependencies {
  /** On whose behalf: the audit log names it. The control plane itself, until a request or a node is known. */
  readonly actor: Actor;
  readonly stores: Stores;
  readonly signer: DocumentSigner;
  readonly messenger: AgentMessenger;
  readonly notifier: Notifier;
  /** Null where nobody can tell what becomes of an alert that the notifier has taken: SNS's own API does not. */
  readonly deliveries: AlertDeliveries | null;
  readonly directory: UserDirectory;
  readonly endpoints: AgentEndpoints;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly log: Log;
  /** An alert is waiting: the embedded cloud dispatches at once. Where a stream or a schedule does it, nothing. */
  readonly alertPending: () => void;
}

import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Difference } from "../../shared/domain/audit/difference.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import {
  type ApproverKey,
  approvalText,
  certificatesOf,
  guardedDifferences,
  signedParts,
} from "../../shared/domain/membership/approval.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { describeChange } from "../../shared/domain/membership/describe-change.ts";
import { approvalStandingSchema } from "../../shared/protocol/approval-contract.ts";
import { approve, approverName } from "../../shared/protocol/approvals.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import { AgentError } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";
import type { ApproverKeyPair } from "./approver-key.ts";
import type { ControlPlaneApi } from "./control-plane-api.ts";

const lastApprovedSchema = z.strictObject({ number: z.int().min(1), document: clusterDocumentSchema });

/** What is to be signed for, as this machine sees it. */
export interface ApprovalQuestion {
  readonly document: ClusterDocument;
  /** As `approverName` has it; null: none yet. */
  readonly approver: string | null;
  /** The document that was last signed on this machine. Null: none, and everything is to be looked at. */
  readonly signedVersion: number | null;
  readonly sentences: readonly string[];
  /** Place by place: with these, and only these, the signature changes what it covers. Without a document to compare with: everything. */
  readonly differences: readonly Difference[];
  /** Names exactly this: whoever signs says it, so that nothing else is signed. */
  readonly seen: string;
}

export interface DeskParts {
  readonly api: Pick<ControlPlaneApi, "get" | "put">;
  readonly clusterId: ClusterId;
  readonly pair: ApproverKeyPair;
  /** Of the folder that remembers what was signed for. */
  readonly memory: string;
}

/** Where an approver sees what waits, by this machine's own memory of what was signed, and signs for it. What the control plane says of a change is not looked at: only the document itself. */
export class ApprovalDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  async look(): Promise<ApprovalQuestion> {
    const { clusterId } = this.#parts;
    const { document } = await this.#parts.api.get(`/v1/clusters/${clusterId}/approval`, approvalStandingSchema);
    if (document.clusterId !== clusterId) {
      throw new AgentError(
        "cloud-not-trusted",
        `The control plane answered for cluster ${document.clusterId}.`,
        "Find out who answers at that address.",
      );
    }
    const signed = await this.#lastApproved();
    const key = document.approval?.key ?? null;
    return {
      document,
      approver: key === null ? null : await approverName(key),
      signedVersion: signed?.document.version ?? null,
      sentences: signed === null ? [] : describeChange(signed.document, document),
      differences: signed === null ? everythingOf(document) : guardedDifferences(signed.document, document),
      seen: digestOf(document),
    };
  }

  /** Signs for what was looked at. `next`: who is the approver from then on; null: nobody. Throws `AgentError`. */
  async sign(seen: string, next: ApproverKey | null): Promise<{ readonly number: number; readonly version: number }> {
    const { api, clusterId, pair, memory } = this.#parts;
    const { document, approver, seen: now } = await this.look();
    if (seen !== now) {
      throw new AgentError(
        "approval-refused",
        `What waits is not what was looked at: it is ${now} now.`,
        "Look again: understudy approver show.",
      );
    }
    const own = await approverName(pair.key);
    if (approver !== null && approver !== own) {
      throw new AgentError(
        "approval-refused",
        `The approver of this cluster has key ${approver}, and this file holds ${own}.`,
        "Use the approver's own key.",
      );
    }
    const number = Math.max(document.approval?.number ?? 0, (await this.#lastApproved())?.number ?? 0) + 1;
    const approval = await approve(document, { key: next, number, certificates: certificatesOf(document) }, pair.privateKey);
    await api.put(`/v1/clusters/${clusterId}/approval`, approval);
    await mkdir(memory, { recursive: true, mode: 0o700 });
    await writeDurably(this.#path(), `${JSON.stringify({ number, document: { ...document, approval } })}\n`);
    return { number, version: document.version };
  }

  #path(): string {
    return join(this.#parts.memory, `${this.#parts.clusterId}.json`);
  }

  async #lastApproved(): Promise<z.infer<typeof lastApprovedSchema> | null> {
    const text = await readIfPresent(this.#path());
    if (text === null) return null;
    const parsed = lastApprovedSchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new AgentError(
      "approval-refused",
      `${this.#path()} is damaged.`,
      "Remove it: everything of the cluster is then shown, and to be looked at.",
    );
  }
}

function everythingOf(document: ClusterDocument): readonly Difference[] {
  return Object.entries(signedParts(document)).map(([path, after]) => ({ path, after }));
}

function digestOf(document: ClusterDocument): string {
  const text = approvalText(document, { key: document.approval?.key ?? null, number: 0, certificates: certificatesOf(document) });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

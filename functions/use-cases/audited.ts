import { createHash } from "node:crypto";
import { limits } from "../../shared/config/limits.ts";
import type { Actor, AuditAction } from "../../shared/domain/audit/audit-entry.ts";
import { type Difference, differences } from "../../shared/domain/audit/difference.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";

export interface AuditedChange {
  readonly action: AuditAction;
  /** Null for what is the provider's own. */
  readonly customerId: CustomerId | null;
  readonly subject: string;
  /** JSON, without secrets; absent: it was not there, or is not any more. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Makes a change, and writes it into the audit log before: there is never a change without its entry. Where it was not made after all (`made` says
 * so of its result, or it threw), a second entry takes the first back; only a crash in that very moment leaves the first as it is.
 */
export async function audited<Result>(
  dependencies: Pick<Dependencies, "stores" | "actor" | "nowMs">,
  { action, customerId, subject, before, after }: AuditedChange,
  make: () => Promise<Result>,
  made: (result: Result) => boolean = () => true,
): Promise<Result> {
  const { stores, actor, nowMs } = dependencies;
  const at = () => new Date(nowMs()).toISOString();
  const entry = await stores.audit.append({ at: at(), actor, action, customerId, subject, changes: bounded(differences(before, after)) });
  const takeBack = () =>
    stores.audit.append({ at: at(), actor, action: "change.not-made", customerId, subject: String(entry.number), changes: [] });
  let result: Result;
  try {
    result = await make();
  } catch (error) {
    await takeBack();
    throw error;
  }
  if (!made(result)) await takeBack();
  return result;
}

/** On whose behalf the control plane acts where nobody has asked it to. */
export const controlPlaneItself: Actor = { kind: "control-plane", id: "control-plane", name: "control plane", requestId: null };

/** An entry must fit into an item of the table, whatever was changed: what is too long is named by its length and hash. */
function bounded(changes: readonly Difference[]): readonly Difference[] {
  const kept = changes.slice(0, limits.auditChangesMax).map((change) => ({
    path: change.path,
    ...("before" in change ? { before: short(change.before) } : {}),
    ...("after" in change ? { after: short(change.after) } : {}),
  }));
  const more = changes.length - kept.length;
  return more === 0 ? kept : [...kept, { path: "and", after: `${more} more changes` }];
}

function short(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text.length <= limits.auditValueCharactersMax) return value;
  return `${text.length} characters with the SHA-256 ${createHash("sha256").update(text).digest("hex")}`;
}

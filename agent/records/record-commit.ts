import type { OriginId } from "../../shared/domain/ids.ts";
import { originIdSchema } from "../../shared/protocol/id-schemas.ts";

/** Names one commit of a data set of records, everywhere and for good: where it was made, and its number there. A record's version is the commit that wrote it. */
export type CommitId = string;

export interface CommitPlace {
  readonly origin: OriginId;
  readonly seq: number;
}

export function commitId({ origin, seq }: CommitPlace): CommitId {
  return `${origin}-${seq}`;
}

/** Undefined where the text names no commit. */
export function readCommitId(text: string): CommitPlace | undefined {
  const at = text.lastIndexOf("-");
  const origin = originIdSchema.safeParse(text.slice(0, at));
  const seq = Number(text.slice(at + 1));
  return origin.success && Number.isSafeInteger(seq) && seq > 0 && commitId({ origin: origin.data, seq }) === text
    ? { origin: origin.data, seq }
    : undefined;
}

import { z } from "zod";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { votersOf } from "../../shared/domain/membership/quorum.ts";
import { type VotersSince, votersSinceSeen } from "../../shared/domain/membership/voters-since.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";

const keptSchema = z.object({ documentVersion: z.int().min(1), votersSinceVersion: z.int().min(1) });

/** Beside the document, since the document itself does not say it. */
function fileOf(documentPath: string): string {
  return `${documentPath}.voters`;
}

/** What was known of this document's voters when it was stored. Missing, damaged or of another version it tells nothing, and the node counts on less. */
export async function readVotersSeen(documentPath: string, document: ClusterDocument): Promise<VotersSince> {
  const text = await readIfPresent(fileOf(documentPath));
  const kept = text === null ? null : keptSchema.safeParse(parseJson(text));
  const { version } = document;
  if (kept?.success !== true || kept.data.documentVersion !== version || kept.data.votersSinceVersion > version)
    return votersSinceSeen(null, document);
  return { version, since: kept.data.votersSinceVersion, voters: votersOf(document) };
}

/** After the document is on disk: of a write that does not come to its end an older version is left, which is not believed. */
export async function writeVotersSeen(documentPath: string, { version }: ClusterDocument, votersSinceVersion: number): Promise<void> {
  await writeDurably(fileOf(documentPath), `${JSON.stringify({ documentVersion: version, votersSinceVersion })}\n`);
}

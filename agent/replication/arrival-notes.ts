import { z } from "zod";
import { sha256HexSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";

const noteSchema = z.strictObject({
  dataSet: slugSchema,
  snapshot: z.uuid(),
  lineage: z.string().max(64),
  bytesTotal: z.int().min(1),
});
/** `earlier`: of the snapshot before this one; it may be in this one too. */
const chunkSchema = z.strictObject({ chunk: z.int().min(0), sha256: sha256HexSchema, earlier: z.literal(true).exactOptional() });

/** Which snapshot a file is to become. */
export type ArrivalNote = z.infer<typeof noteSchema>;
export type ChunkNote = z.infer<typeof chunkSchema>;

export function noteLine(note: ArrivalNote | ChunkNote): string {
  return `${JSON.stringify(note)}\n`;
}

/** The first line names the snapshot, each further one a chunk. What was torn by a kill is passed over: its chunk is fetched again. Undefined where there is no first line. */
export function readNotes(text: string): { readonly note: ArrivalNote; readonly chunks: readonly ChunkNote[] } | undefined {
  const [first, ...lines] = text.split("\n").map(parsed);
  const note = noteSchema.safeParse(first);
  if (!note.success) return undefined;
  return {
    note: note.data,
    chunks: lines.flatMap((line) => {
      const chunk = chunkSchema.safeParse(line);
      return chunk.success ? [chunk.data] : [];
    }),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

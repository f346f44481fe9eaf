/** A tree's own folder, in which nothing is ever replicated: what arrives, and what was set aside. */
export const privateFolder = ".understudy";

/** What the writer says of one path. Equal descriptions make equal trees. */
export interface FileDescription {
  /** `gone`: nothing is to stand there any more. */
  readonly kind: "file" | "directory" | "link" | "gone";
  /** Permission bits; 0 for links and what is gone. */
  readonly mode: number;
  /** Microseconds since 1970; files only, else 0. */
  readonly mtimeUs: number;
  /** Bytes; files only, else 0. */
  readonly size: number;
  /** SHA-256 of a file's content in hex; else empty. */
  readonly content: string;
  /** What a link points to; else empty. */
  readonly target: string;
}

/** One row of the manifest: a description, and which write of which tenure it was. */
export interface FileEntry extends FileDescription {
  readonly path: string;
  /** The group's fencing number under which it was written. */
  readonly epoch: number;
  /** Counts the writes of that tenure, from 1. */
  readonly number: number;
}

/** A piece of a file's content. */
export interface Chunk {
  readonly start: number;
  readonly bytes: number;
  readonly sha256: string;
}

export const nothingThere: FileDescription = { kind: "gone", mode: 0, mtimeUs: 0, size: 0, content: "", target: "" };

export function sameDescription(one: FileDescription, other: FileDescription): boolean {
  return sameContent(one, other) && one.mode === other.mode && one.mtimeUs === other.mtimeUs;
}

/** Alike but for rights and times, which are set without writing the file anew. */
export function sameContent(one: FileDescription, other: FileDescription): boolean {
  return one.kind === other.kind && one.size === other.size && one.content === other.content && one.target === other.target;
}

import { type FileDescription, sameContent, sameDescription } from "./file-entry.ts";

/**
 * What a follower does about one path, by three descriptions of it: what shall stand there, what does, and what this node had put there itself.
 * Whatever else stands there was made by somebody here: it is set aside, and never lost.
 */
export type Settlement =
  /** All is as it shall be. */
  | "keep"
  /** The content is right; rights and times are set. */
  | "adjust"
  /** Nothing stands there: it is made. */
  | "make"
  /** What stands there is what this node had put there: it gives way. */
  | "replace"
  | "remove"
  /** Somebody here has changed it. */
  | "set-aside-and-make"
  | "set-aside";

/** `ours`: what this node put there as a follower, or had published while that counted; undefined where there is no such thing. */
export function settlementOf(wanted: FileDescription, found: FileDescription, ours: FileDescription | undefined): Settlement {
  if (wanted.kind === "gone" && found.kind === "gone") return "keep";
  if (sameDescription(wanted, found)) return "keep";
  if (found.kind === "gone") return "make";
  if (sameContent(wanted, found)) return "adjust";
  // A folder has no content of its own: what is in it is judged path by path.
  const isOurs = ours !== undefined && sameContent(ours, found);
  if (wanted.kind === "gone") return isOurs || found.kind === "directory" ? "remove" : "set-aside";
  return isOurs ? "replace" : "set-aside-and-make";
}

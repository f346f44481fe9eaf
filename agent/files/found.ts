import { type BigIntStats, lstatSync, readlinkSync } from "node:fs";
import { systemErrorCode } from "../agent-error.ts";

/** What stands at a path now, by looking at it without reading it. */
export interface Found {
  readonly kind: "file" | "directory" | "link" | "other" | "gone";
  readonly mode: number;
  readonly mtimeUs: number;
  readonly size: number;
  readonly target: string;
  /** Which file it is, wherever it is moved. */
  readonly inode: string;
  /** Changes with every change of the file: as long as it is the same, the file need not be read again. */
  readonly signature: string;
  /** Wall-clock time of its last change, of content or of rights. */
  readonly changedAtMs: number;
}

const permissionBits = 0o777n;
export const nothingFound: Found = {
  kind: "gone",
  mode: 0,
  mtimeUs: 0,
  size: 0,
  target: "",
  inode: "",
  signature: "gone",
  changedAtMs: 0,
};

/** Never follows a link. Throws what the disk says, but for nothing being there. */
export function look(path: string | Buffer): Found {
  try {
    const stat = lstatSync(path, { bigint: true });
    const inode = `${stat.dev}:${stat.ino}`;
    const changedAtMs = Number(stat.ctimeMs);
    const mode = Number(stat.mode & permissionBits);
    if (stat.isDirectory()) {
      // Its times change with whatever is in it, which is looked at by itself.
      return { ...nothingFound, kind: "directory", mode, inode, signature: `${inode}:${mode}`, changedAtMs };
    }
    const signature = signatureOf(stat);
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(path, { encoding: "buffer" });
      return { ...nothingFound, kind: "link", target: utf8OrNothing(target), inode, signature, changedAtMs };
    }
    const mtimeUs = Number(stat.mtimeNs / 1_000n);
    if (!stat.isFile()) return { ...nothingFound, kind: "other", inode, signature, changedAtMs };
    return { kind: "file", mode, mtimeUs, size: Number(stat.size), target: "", inode, signature, changedAtMs };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return nothingFound;
    throw error;
  }
}

/** Of a file or a link. */
export function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** Bytes that are no UTF-8 become an empty text, which no rule takes. */
export function utf8OrNothing(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : "";
}

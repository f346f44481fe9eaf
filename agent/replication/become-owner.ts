import { statSync } from "node:fs";

/** For a program that opens one file and ends: whatever it makes beside the file is then its owner's. Does nothing but for root. */
export function becomeOwnerOf(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(path);
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

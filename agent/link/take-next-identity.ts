import { rename, rm } from "node:fs/promises";
import type { DataPaths } from "../storage/data-directory.ts";
import { syncDirectory } from "../storage/durable-file.ts";

/** The next identity is the present one from here on: in one step, so that after a crash either of the two is there whole. */
export async function takeNextIdentity({ root, key, certificate, nextKey }: Pick<DataPaths, "root" | "key" | "certificate" | "nextKey">) {
  await rename(nextKey, key);
  await syncDirectory(root);
  await rm(certificate, { force: true });
}

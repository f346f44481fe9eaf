import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { StartError } from "../start-error.ts";
import { type EndpointKeys, renewEndpointKeys } from "./endpoint-keys.ts";

const pairSchema = z.strictObject({ privateKeyPem: z.string(), certificatePem: z.string() });
const keysSchema = z.strictObject({ authority: pairSchema, tls: pairSchema, signing: pairSchema }) satisfies z.ZodType<EndpointKeys>;

/**
 * Reads the endpoint's keys from its data directory, made at the first start and readable by its user alone; writes the
 * authority's certificate beside them, for subscribers. Throws where the file is there but cannot be read as keys.
 */
export async function loadEndpointKeys(dataDir: string, names: readonly string[], nowMs: number): Promise<EndpointKeys> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "sns-keys.json");
  const before = await read(path);
  const keys = await renewEndpointKeys(before, names, nowMs);
  if (JSON.stringify(keys) !== JSON.stringify(before)) await replaceFile(path, JSON.stringify(keys), 0o600);
  await replaceFile(join(dataDir, "sns-ca.pem"), keys.authority.certificatePem, 0o644);
  return keys;
}

async function read(path: string): Promise<EndpointKeys | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
  try {
    return keysSchema.parse(JSON.parse(text));
  } catch {
    // The cause is left out: a parser's message may quote the file, and the file holds private keys.
    throw new StartError(
      `${path} does not hold the keys that were written there: restore it, or remove it to get new keys and a new authority`,
    );
  }
}

/** Old or new, never half: written beside, synced, renamed, and the directory synced. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

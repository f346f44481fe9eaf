import { randomBytes } from "node:crypto";
import { chmod, chown, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AgentError, reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";

const tokenBytes = 32;

/**
 * The secret by which applications on this server show that they may. Made where there is none: whoever owns the folder may read it, and so may the
 * folder's group. Throws `AgentError` ("bad-settings") where it can be neither read nor made, or is no secret.
 */
export async function readToken(path: string): Promise<string> {
  try {
    const token = (await readIfPresent(path))?.trim() ?? (await makeToken(path));
    if (!/^[\w-]{20,200}$/.test(token)) throw new Error("it must be 20 to 200 letters, digits, _ and -");
    return token;
  } catch (error) {
    throw new AgentError(
      "bad-settings",
      `The records' token in ${path} cannot be used: ${reasonOf(error)}.`,
      "Name a file in a folder that exists in records.tokenFile, or remove what is there: the agent makes a new one.",
      error,
    );
  }
}

async function makeToken(path: string): Promise<string> {
  const token = randomBytes(tokenBytes).toString("base64url");
  await writeDurably(path, `${token}\n`);
  const { uid, gid } = await stat(dirname(path));
  // Only root may give files away; another agent's user shares them through their group.
  if (process.getuid?.() === 0) await chown(path, uid, gid);
  await chmod(path, 0o640);
  return token;
}

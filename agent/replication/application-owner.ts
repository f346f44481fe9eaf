import { chmod, chown, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Of a folder's own rights, those that a database in it gets: reading and writing, and nothing for the rest of the world. */
const rightsKept = 0o660;

/**
 * Gives a file that the agent has made to whoever owns the folder in which it is to lie, as if the application had made it: one that runs
 * as a user of its own could not open it else. Only root may give files away; another agent's user shares them through their group.
 */
export async function giveToApplication(path: string, folder = dirname(path)): Promise<void> {
  const { uid, gid, mode } = await stat(folder);
  await chmod(path, mode & rightsKept);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}

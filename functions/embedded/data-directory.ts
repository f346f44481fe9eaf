import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { StartError } from "./start-error.ts";

/** The folder that holds everything the embedded cloud must not lose. One process at a time has it. */
export interface DataDirectory {
  readonly path: string;
  /** A file's text; where there is none, what `create` makes, kept from then on for its owner alone (0600). */
  readOrCreate(name: string, create: () => Promise<string>): Promise<string>;
  close(): Promise<void>;
}

/**
 * Makes the folder where there is none and locks it. The lock is the kernel's, on a file that LevelDB holds open: it ends with the process, however that
 * ends. Rejects with a `StartError` where another process has it or the folder cannot be written.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const lock = new ClassicLevel(join(path, "lock"));
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await lock.open();
  } catch (error) {
    throw lockFailure(path, error);
  }
  return {
    path,
    readOrCreate: (name, create) => readOrCreate(join(path, name), create),
    close: () => lock.close(),
  };
}

async function readOrCreate(path: string, create: () => Promise<string>): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const text = await create();
  await writeDurably(path, text);
  return text;
}

/** Whole or not at all, and on the disk when it returns. */
async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function lockFailure(path: string, error: unknown): StartError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "LEVEL_LOCKED") {
    return new StartError(
      `another process has the data directory ${path}. Stop that one first, or give this one another --data-dir.`,
      error,
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StartError(
    `the data directory ${path} cannot be used: ${reason}. Give a folder that this user may write as --data-dir.`,
    error,
  );
}

import { closeSync, fstatSync, openSync, read, statSync } from "node:fs";
import { promisify } from "node:util";

const readAt = promisify(read);

/** One database file, read past SQLite. */
export class RawFile {
  readonly #file: number;
  readers = 0;

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /** The same file stands at the path still. */
  standsAt(path: string): boolean {
    const here = fstatSync(this.#file);
    const there = statSync(path, { throwIfNoEntry: false });
    return here.ino === there?.ino && here.dev === there.dev;
  }

  /** Resolves with how many bytes there were. */
  async read(into: Uint8Array, offset: number): Promise<number> {
    const { bytesRead } = await readAt(this.#file, into, 0, into.length, offset);
    return bytesRead;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Database files that are read past SQLite. To close such a file drops the locks that SQLite holds on it anywhere in this process (so are POSIX
 * locks): another process could then take the database for one that nobody uses. So each stays open until another file stands at its path.
 */
export class RawFiles {
  readonly #files = new Map<RawFile, string>();

  /** What stands at the path now. */
  open(path: string): RawFile {
    for (const [file, where] of this.#files) if (where === path && file.standsAt(path)) return file;
    const file = new RawFile(path);
    this.#files.set(file, path);
    return file;
  }

  /** Lets go of files that have left their place, and that nobody reads any more: while they are open they take room on the disk. */
  tidy(): void {
    for (const [file, path] of this.#files) {
      if (file.readers > 0 || file.standsAt(path)) continue;
      this.#files.delete(file);
      file.close();
    }
  }
}

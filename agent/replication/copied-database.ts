import { type FileHandle, open } from "node:fs/promises";
import { removeDatabase } from "./consistent-copy.ts";
import type { SnapshotContent } from "./snapshot-content.ts";

/** A copy of a database in a file of its own, removed when it ends. */
export class CopiedDatabase implements SnapshotContent {
  readonly bytes: number;
  readonly isDear = false;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.bytes = bytes;
  }

  static async open(path: string): Promise<CopiedDatabase> {
    const file = await open(path, "r");
    const { size } = await file.stat();
    return new CopiedDatabase(path, file, size);
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    const { bytesRead } = await this.#file.read(into, 0, into.length, offset);
    return bytesRead;
  }

  async end(): Promise<void> {
    await this.#file.close();
    await removeDatabase(this.#path);
  }
}

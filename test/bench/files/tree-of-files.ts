import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const filesPerFolder = 100;

export interface TreeShape {
  readonly files: number;
  readonly bytesEach: number;
}

/** What a whole tree comes to, as its followers count it. */
export interface TreeTotals {
  readonly files: number;
  readonly bytes: number;
}

/** A tree of files that no compression makes smaller, a hundred in a folder; and what is done to it. */
export class TreeOfFiles {
  readonly #path: string;
  readonly #shape: TreeShape;
  #changes = 0;
  #rounds = 0;

  constructor(path: string, shape: TreeShape) {
    this.#path = path;
    this.#shape = shape;
  }

  get totals(): TreeTotals {
    const { files, bytesEach } = this.#shape;
    return { files, bytes: files * bytesEach + this.#changes };
  }

  /** Put together elsewhere on the same disk, and moved into the tree in one step. */
  put(aside: string): void {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    for (let index = 0; index < this.#shape.files; index += 1) {
      if (index % filesPerFolder === 0) mkdirSync(join(aside, folderOf(index)));
      writeFileSync(join(aside, nameOf(index)), randomBytes(this.#shape.bytesEach));
    }
    renameSync(aside, join(this.#path, "prompts"));
  }

  /** Of every hundredth file one byte more. */
  change(): void {
    this.#rounds += 1;
    for (let index = this.#rounds % filesPerFolder; index < this.#shape.files; index += filesPerFolder) {
      appendFileSync(join(this.#path, "prompts", nameOf(index)), "+");
      this.#changes += 1;
    }
  }

  remove(): void {
    rmSync(join(this.#path, "prompts"), { recursive: true, force: true });
    this.#changes = 0;
  }
}

function folderOf(index: number): string {
  return `folder-${Math.floor(index / filesPerFolder)}`;
}

function nameOf(index: number): string {
  return join(folderOf(index), `file-${index}.bin`);
}

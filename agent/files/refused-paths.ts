/** What is said of one path that is not replicated. */
export interface RefusedPath {
  readonly path: string;
  readonly reason: string;
}

const keptMax = 1_000;
const listedMax = 100;
const shownCharactersMax = 200;

/** Paths that are left out, each with its reason; everything else goes on. Told by name up to a bound, counted beyond it. */
export class RefusedPaths {
  readonly #reasons = new Map<string, string>();
  #uncounted = 0;

  add(path: string, reason: string): void {
    if (!this.#reasons.has(path) && this.#reasons.size >= keptMax) this.#uncounted += 1;
    else this.#reasons.set(path, reason);
  }

  remove(path: string): void {
    this.#reasons.delete(path);
  }

  /** A survey of everything begins: what still is so is found again. */
  clear(): void {
    this.#reasons.clear();
    this.#uncounted = 0;
  }

  get count(): number {
    return this.#reasons.size + this.#uncounted;
  }

  /** The first of them, fit to be shown: a hostile name fools no terminal. */
  get list(): RefusedPath[] {
    return [...this.#reasons].slice(0, listedMax).map(([path, reason]) => ({ path: shown(path), reason }));
  }
}

/** JSON's way of writing what cannot be printed. */
export function shown(path: string): string {
  return JSON.stringify(path.slice(0, shownCharactersMax).toWellFormed())
    .slice(1, -1)
    .replaceAll(/[\u007f-\u009f]/g, "?");
}

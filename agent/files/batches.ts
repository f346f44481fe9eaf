export const settledAtOnce = 500;

/** The paths that a round settles, batch after batch: what was left undone before comes first, then what the manifest has written since. What was given out counts as undone. */
export class Batches {
  readonly #undone: Map<string, string>;
  readonly #before: string[];
  readonly #read: () => readonly string[] | undefined;

  /** `undone`: paths, with the reason. `read`: the manifest's next batch, which may be empty; undefined where there is none now. */
  constructor(undone: Map<string, string>, read: () => readonly string[] | undefined) {
    this.#undone = undone;
    this.#before = [...undone.keys()];
    this.#read = read;
  }

  next(): readonly string[] | undefined {
    const paths = this.#before.length > 0 ? this.#before.splice(0, settledAtOnce) : this.#read();
    this.stillToDo(paths);
    return paths;
  }

  stillToDo(paths: readonly string[] = []): void {
    for (const path of paths) this.#undone.set(path, "it goes on later");
  }
}

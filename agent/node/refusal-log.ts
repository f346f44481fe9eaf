/** The same sentence is said again only after this pause: whoever is refused usually comes back many times a second. */
const repeatAfterMs = 30_000;
const remembered = 256;

/** Says who was turned away and why, without letting a stranger fill the log. */
export class RefusalLog {
  readonly #log: (text: string) => void;
  readonly #nowMs: () => number;
  readonly #said = new Map<string, number>();

  constructor(log: (text: string) => void, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  say(text: string): void {
    const now = this.#nowMs();
    const before = this.#said.get(text);
    if (before !== undefined && now - before < repeatAfterMs) return;
    this.#said.delete(text);
    this.#said.set(text, now);
    const oldest = this.#said.keys().next();
    if (this.#said.size > remembered && oldest.done !== true) this.#said.delete(oldest.value);
    this.#log(text);
  }
}

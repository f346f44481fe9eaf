/** Tells the steps of a run as they happen, each with the time since the start. */
export class Narrator {
  readonly #startedAtMs = performance.now();
  readonly #write: (line: string) => void;

  /** @param stream where the story goes; standard error where standard output belongs to the result */
  constructor(stream: NodeJS.WritableStream) {
    this.#write = (line) => stream.write(`${line}\n`);
  }

  tell(sentence: string): void {
    const seconds = (performance.now() - this.#startedAtMs) / 1_000;
    this.#write(`${seconds.toFixed(1).padStart(6)} s  ${sentence}`);
  }

  /** A line of its own, without the time. */
  plain(line: string): void {
    this.#write(line);
  }
}

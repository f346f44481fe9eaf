import { limits } from "../../shared/config/limits.ts";
import { shown } from "./refused-paths.ts";
import type { SetAside } from "./set-aside.ts";

/** What the event tells. */
export interface SetAsideEvent {
  readonly paths: number;
  /** The first of them, fit to be shown. */
  readonly first: readonly string[];
}

const listedMax = 100;
const pathCharactersMax = 200;
/** Who changes a tree in which nobody is to change anything goes on doing so: that makes one event in so long. */
const toldEveryMs = 60_000;

/** What people here had changed and the agent has moved aside since its start: counted, the latest of it listed, and told, many paths in one event. */
export class SetAsideNews {
  readonly #tell: (event: SetAsideEvent) => void;
  #count = 0;
  #latest: readonly SetAside[] = [];
  #untold: { paths: number; readonly first: string[] } = { paths: 0, first: [] };
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(tell: (event: SetAsideEvent) => void) {
    this.#tell = tell;
  }

  add(line: SetAside): void {
    const path = shown(line.path).slice(0, pathCharactersMax);
    this.#count += 1;
    this.#latest = [{ ...line, path, keptAs: shown(line.keptAs) }, ...this.#latest].slice(0, listedMax);
    this.#untold.paths += 1;
    if (this.#untold.first.length < limits.filePathsPerEventMax) this.#untold.first.push(path);
  }

  /** Tells what has not been told yet, unless it is too early for another event. Returns in how many milliseconds it has to be asked again; undefined: not at all. */
  tell(nowMs: number): number | undefined {
    if (this.#untold.paths === 0) return undefined;
    const waitMs = this.#toldAtMs + toldEveryMs - nowMs;
    if (waitMs > 0) return waitMs;
    this.#tell(this.#untold);
    this.#untold = { paths: 0, first: [] };
    this.#toldAtMs = nowMs;
    return undefined;
  }

  get count(): number {
    return this.#count;
  }

  /** The newest first. */
  get latest(): readonly SetAside[] {
    return this.#latest;
  }
}

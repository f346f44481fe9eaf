/** What is still to come. */
export interface Rest {
  readonly files: number;
  readonly bytes: number;
}

/** A pace that is older than so long says little of the next minutes. */
const lookedBackMs = 20_000;
const measuredFromMs = 1_000;

interface Mark {
  readonly atMs: number;
  readonly files: number;
  readonly bytes: number;
}

/** Says from what has arrived lately when the rest will have: by files where those are small, by bytes where they are large, whichever takes longer. Times are the caller's, in milliseconds. */
export class ArrivalPace {
  #marks: Mark[] = [{ atMs: 0, files: 0, bytes: 0 }];

  /** Nothing is under way. */
  restart(nowMs: number): void {
    this.#marks = [{ atMs: nowMs, files: 0, bytes: 0 }];
  }

  arrived(nowMs: number, { files, bytes }: Rest): void {
    const last = this.#marks.at(-1) ?? { files: 0, bytes: 0 };
    this.#marks.push({ atMs: nowMs, files: last.files + files, bytes: last.bytes + bytes });
    while ((this.#marks[1]?.atMs ?? nowMs) < nowMs - lookedBackMs) this.#marks.shift();
  }

  /** Null where nothing can be said yet: too short a time, or nothing has come. */
  secondsFor(nowMs: number, rest: Rest): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined || nowMs - first.atMs < measuredFromMs) return null;
    const seconds = (nowMs - first.atMs) / 1_000;
    const byFiles = secondsAt((last.files - first.files) / seconds, rest.files);
    const byBytes = secondsAt((last.bytes - first.bytes) / seconds, rest.bytes);
    const longest = Math.max(byFiles, byBytes);
    return Number.isFinite(longest) ? Math.ceil(longest) : null;
  }
}

function secondsAt(perSecond: number, rest: number): number {
  return rest === 0 ? 0 : rest / perSecond;
}

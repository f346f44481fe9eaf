import { existsSync, readFileSync } from "node:fs";

interface Life {
  readonly from: number;
  readonly to: number;
}

/** What the services of a cluster wrote of their lives themselves (witnessed-service.ts), on the machine's monotonic clock in milliseconds. */
export class WitnessLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Pairs of services that ran at the same instant: one that ended is known to have lived until its last line only, so what is
   * found here is certain.
   */
  overlaps(): string[] {
    const all = [...this.#lives()];
    return all.flatMap(([one, first], index) =>
      all.slice(index + 1).flatMap(([other, second]) => {
        const overlapMs = Math.min(first.to, second.to) - Math.max(first.from, second.from);
        return overlapMs > 0 ? [`${one} and ${other}: ${overlapMs} ms`] : [];
      }),
    );
  }

  /** From the service's last sign of life on one node to the start of its process on another, in milliseconds; the newest of each. */
  gapMs(from: string, to: string): number {
    const lives = [...this.#lives()];
    const newest = (name: string) => lives.findLast(([life]) => life.startsWith(`${name}/`))?.[1];
    const [last, next] = [newest(from), newest(to)];
    if (last === undefined || next === undefined) throw new Error(`the service has not run on both ${from} and ${to}`);
    return next.from - last.to;
  }

  /** The last sign of life of any run, on the monotonic clock; -Infinity where there is none. */
  lastMs(): number {
    return Math.max(Number.NEGATIVE_INFINITY, ...[...this.#lives().values()].map(({ to }) => to));
  }

  /** Every run of the service, with its first and last sign of life. */
  #lives(): ReadonlyMap<string, Life> {
    const lines = existsSync(this.path) ? readFileSync(this.path, "utf8").trim().split("\n") : [];
    const lives = new Map<string, Life>();
    for (const line of lines) {
      const [life = "", at = "0"] = line.split(" ");
      const seen = lives.get(life);
      lives.set(life, { from: Math.min(seen?.from ?? Infinity, Number(at)), to: Math.max(seen?.to ?? 0, Number(at)) });
    }
    return lives;
  }
}

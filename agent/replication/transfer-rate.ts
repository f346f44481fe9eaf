/** Long enough to even out single chunks, short enough to follow a network that changes. */
const windowMs = 5_000;

/** How fast something has come lately. */
export class TransferRate {
  readonly #points: { readonly atMs: number; readonly bytes: number }[];

  constructor(bytes: number) {
    this.#points = [{ atMs: performance.now(), bytes }];
  }

  bytesPerSecond(bytes: number): number {
    const atMs = performance.now();
    this.#points.push({ atMs, bytes });
    while (this.#points.length > 2 && atMs - (this.#points[1]?.atMs ?? atMs) > windowMs) this.#points.shift();
    const [first] = this.#points;
    if (first === undefined || atMs <= first.atMs) return 0;
    return ((bytes - first.bytes) / (atMs - first.atMs)) * 1_000;
  }
}

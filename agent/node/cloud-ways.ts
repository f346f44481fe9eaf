/** Of this node to the control plane: the broker's, on which it tells of itself, and the one on which it would ask for the vote. */
export type CloudWay = "broker" | "vote";

/** Whether a way to the control plane is broken: then its vote may be out of reach as well, and somebody should ask it. */
export class CloudWays {
  readonly #tell: (isDoubtful: boolean) => void;
  /** Nobody has connected yet. */
  readonly #broken = new Set<CloudWay>(["broker"]);

  constructor(tell: (isDoubtful: boolean) => void) {
    this.#tell = tell;
  }

  changed(way: CloudWay, isBroken: boolean): void {
    const before = this.#broken.size > 0;
    if (isBroken) this.#broken.add(way);
    else this.#broken.delete(way);
    if (this.#broken.size > 0 !== before) this.#tell(!before);
  }
}

/** A fingerprint of everything that happened in a run, in its order: two runs that differ anywhere differ here. */
export class Trail {
  #hash = 0x811c9dc5;

  add(...parts: readonly number[]): void {
    for (const part of parts) {
      this.#hash = Math.imul(this.#hash ^ (part >>> 0), 0x01000193);
      this.#hash ^= this.#hash >>> 15;
    }
  }

  get fingerprint(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}

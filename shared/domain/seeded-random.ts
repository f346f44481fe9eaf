/** Numbers that look like chance and come out the same for the same seed: sfc32, small and fast. Not for secrets. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `stream` names what the numbers are for: streams of one seed do not disturb each other. */
  constructor(seed: number, stream = "") {
    const mixed = mix(seed >>> 0, Math.floor(seed / 2 ** 32), stream);
    this.#a = mixed;
    this.#b = Math.imul(mixed ^ 0x9e3779b9, 0x85ebca6b);
    this.#c = Math.imul(mixed ^ 0x7f4a7c15, 0xc2b2ae35);
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Exponentially distributed: the time to the next of events that come independently of each other. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  /** Throws RangeError where there is nothing to choose from. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length - 1)];
    if (item === undefined) throw new RangeError("there is nothing to pick from");
    return item;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    const shuffled: Item[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.between(0, left.length - 1), 1));
    return shuffled;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}

/** FNV-1a over the seed's two halves and the stream's name. */
function mix(low: number, high: number, stream: string): number {
  let hash = 0x811c9dc5;
  for (const part of [low & 0xffff, low >>> 16, high & 0xffff, high >>> 16]) hash = Math.imul(hash ^ part, 0x01000193);
  for (let index = 0; index < stream.length; index += 1) hash = Math.imul(hash ^ stream.charCodeAt(index), 0x01000193);
  return hash | 0;
}

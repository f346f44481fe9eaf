interface Entry {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
}

/** What happens when: a binary heap by time, and by order of arrival within one instant. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  at(atUs: number, run: () => void): void {
    this.#order += 1;
    this.#rise({ atUs, order: this.#order, run }, this.#heap.length);
  }

  get nextAtUs(): number | undefined {
    return this.#heap[0]?.atUs;
  }

  /** The next one, or undefined where nothing is left. */
  next(): { readonly atUs: number; readonly run: () => void } | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  /** From the bottom up, past all that come after it. */
  #rise(entry: Entry, bottom: number): void {
    let place = bottom;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = entry;
  }

  /** From the top down, past all that come before it. */
  #sink(entry: Entry): void {
    let place = 0;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const [one, other] = [this.#heap[left], this.#heap[right]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const child = isRight ? other : one;
      if (!isBefore(child, entry)) break;
      this.#heap[place] = child;
      place = isRight ? right : left;
    }
    this.#heap[place] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atUs < other.atUs || (one.atUs === other.atUs && one.order < other.order);
}

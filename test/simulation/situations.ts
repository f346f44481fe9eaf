/** How often each situation came about, by its name: an edge of the state machine (`standby -> asking`), or an event that was told. */
export type SituationCounts = Readonly<Record<string, number>>;

/** What a simulation never brings about, it cannot find a fault in: so it counts what it does. */
export class Situations {
  readonly #counts = new Map<string, number>();

  saw(situation: string, times = 1): void {
    this.#counts.set(situation, (this.#counts.get(situation) ?? 0) + times);
  }

  add(counts: SituationCounts): void {
    for (const [situation, times] of Object.entries(counts)) this.saw(situation, times);
  }

  get counts(): SituationCounts {
    return Object.fromEntries([...this.#counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }
}

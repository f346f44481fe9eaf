/** One question, when it was sent, and when and by whom it was answered; microseconds on the machine's monotonic clock. */
export interface Probe {
  readonly sentUs: number;
  readonly answer: { readonly atUs: number; readonly by: string } | null;
}

export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What a prober has told, by the label of its ways. */
export class ProbeRecord {
  readonly #ways = new Map<string, Map<number, Probe>>();

  /** Takes a line of probe.ts. */
  take(line: string): void {
    const [what, label = "", number = "", at = "", by = ""] = line.split(" ");
    const way = this.#ways.get(label) ?? new Map<number, Probe>();
    this.#ways.set(label, way);
    const asked = way.get(Number(number));
    if (what === "s") way.set(Number(number), { sentUs: Number(at), answer: null });
    // A repeated answer is no second one.
    else if (asked?.answer === null) way.set(Number(number), { ...asked, answer: { atUs: Number(at), by } });
  }

  get labels(): string[] {
    return [...this.#ways.keys()];
  }

  /** What was asked on a way in a span, oldest first. */
  probes(label: string, { fromUs, toUs }: Span): Probe[] {
    return [...(this.#ways.get(label)?.values() ?? [])].filter(({ sentUs }) => sentUs >= fromUs && sentUs <= toUs);
  }

  /** Who gave an answer that came on a way since an instant; where several did, the one that was asked last. */
  lastAnswer(label: string, sinceUs: number): string | undefined {
    const asked = [...(this.#ways.get(label)?.values() ?? [])];
    return asked.findLast(({ answer }) => answer !== null && answer.atUs >= sinceUs)?.answer?.by;
  }

  forgetBefore(us: number): void {
    for (const way of this.#ways.values()) {
      for (const [number, { sentUs }] of way) if (sentUs < us) way.delete(number);
    }
  }
}

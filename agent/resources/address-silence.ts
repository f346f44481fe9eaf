import type { AddressSighting } from "../../shared/domain/monitoring/takeover-course.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";

/** Later questions may be answered after earlier ones: so many of the newest are told apart, and the first that nobody has answered. */
const openMax = 64;

/** One address: asked again and again, it answered, then nobody did, then somebody did again. */
export interface SeenSilence extends AddressSighting {
  /** Somebody answered again. */
  readonly endedUs: MonotonicUs;
}

/** What the questions put to one address tell of it; of the instants of one clock, whenever they are told. */
export class AddressSilence {
  readonly #onSilence: (silence: SeenSilence) => void;
  #firstAnswerUs: MonotonicUs | null = null;
  #answer: { readonly askedUs: MonotonicUs; readonly atUs: MonotonicUs } | null = null;
  #open: MonotonicUs[] = [];

  /** `onSilence`: one that is over. */
  constructor(onSilence: (silence: SeenSilence) => void) {
    this.#onSilence = onSilence;
  }

  /** Null while everything was answered, or nothing ever was. */
  get sighting(): AddressSighting | null {
    const [unansweredUs] = this.#open;
    return this.#answer === null || unansweredUs === undefined ? null : { answeredUs: this.#answer.atUs, unansweredUs };
  }

  /** Null while nothing was answered. */
  get firstAnswerUs(): MonotonicUs | null {
    return this.#firstAnswerUs;
  }

  /** A question was put. */
  asked(askedUs: MonotonicUs): void {
    this.#open.push(askedUs);
    if (this.#open.length > openMax) this.#open.splice(1, 1);
  }

  /** The question of that instant was answered. */
  answered(askedUs: MonotonicUs, atUs: MonotonicUs): void {
    if (this.#answer !== null && askedUs <= this.#answer.askedUs) return;
    const { sighting } = this;
    this.#firstAnswerUs ??= atUs;
    this.#answer = { askedUs, atUs };
    this.#open = this.#open.filter((openUs) => openUs > askedUs);
    if (sighting !== null && sighting.unansweredUs < askedUs) this.#onSilence({ ...sighting, endedUs: atUs });
  }
}

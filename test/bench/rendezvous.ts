/** A point that all of a number of parties reach before any of them goes on, time after time. */
export class Rendezvous {
  readonly #parties: number;
  readonly #whenAllAreThere: () => Promise<void>;
  #there = 0;
  #gate = Promise.withResolvers<void>();

  /** `whenAllAreThere`: done once each time, before any party goes on; where it rejects, so does every party's arrival. */
  constructor(parties: number, whenAllAreThere: () => Promise<void>) {
    this.#parties = parties;
    this.#whenAllAreThere = whenAllAreThere;
  }

  async arrive(): Promise<void> {
    const gate = this.#gate;
    this.#there += 1;
    if (this.#there === this.#parties) {
      this.#there = 0;
      this.#gate = Promise.withResolvers<void>();
      this.#whenAllAreThere().then(gate.resolve, gate.reject);
    }
    return gate.promise;
  }
}

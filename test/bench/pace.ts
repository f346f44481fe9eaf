import type { LabSite } from "../lab/lab-site.ts";
import type { Load } from "../lab/load.ts";
import { type BenchScenario, busy, type Pace } from "./contender.ts";
import { Rendezvous } from "./rendezvous.ts";

const nothing = (): Promise<void> => Promise.resolve();

/**
 * What keeps the contenders of one scenario in step, so that all meet the very same machine: they are struck at one moment, once all have
 * settled, and nobody's machine is healed, or started again, before all have seen what follows. A busy machine's load is one for all.
 */
export class SharedPace implements Pace {
  readonly #settled: Rendezvous;
  readonly #ready: Rendezvous;
  readonly #seen: Rendezvous;

  constructor(contenders: number, site: LabSite, scenario: BenchScenario) {
    let load: Load | null = null;
    const begin = (): Promise<void> => {
      if (scenario === busy) load = site.load({ disk: true });
      return Promise.resolve();
    };
    this.#settled = new Rendezvous(contenders, nothing);
    this.#ready = new Rendezvous(contenders, begin);
    this.#seen = new Rendezvous(contenders, async () => load?.end());
  }

  async beforeStrike(settleAgain = nothing): Promise<void> {
    await this.#settled.arrive();
    await settleAgain();
    await this.#ready.arrive();
  }

  async beforeHeal(): Promise<void> {
    await this.#seen.arrive();
  }
}

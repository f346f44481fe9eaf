import type { Cast, LabSite } from "./lab-site.ts";

/** One thing that a trial has counted or measured. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  /** How many there were in all, where the value counts some of them. */
  readonly of?: number;
  readonly unit?: "ms";
}

/** What an application's users do around a fault, and what they find. Made anew for each run of its scenario. */
export interface Trial {
  /** In a healthy cluster, before the fault. */
  before(site: LabSite, cast: Cast): Promise<void>;
  /** From the fault on (`struckUs`, as `nowUs` tells); the heal waits for its end. */
  during(site: LabSite, cast: Cast, struckUs: number): Promise<void>;
  /** All is well again, and `cast` is who does what now. */
  after(site: LabSite, cast: Cast): Promise<void>;
  /** Ends what it has started, whatever came of it. */
  end(): Promise<void>;
  readonly figures: readonly Figure[];
  /** Every expectation of its own that was not met, in a sentence. */
  readonly problems: readonly string[];
}

import type { EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Cast, LabSite } from "./lab-site.ts";

/** Undoes a fault: what an operator or time would mend. */
export type Heal = () => Promise<void>;

/** A fault in a healthy cluster, and what must follow. */
export interface Scenario {
  readonly name: string;
  /** What happens, and what is expected, in one sentence. */
  readonly about: string;
  readonly strike: (site: LabSite, cast: Cast) => Promise<Heal>;
  readonly expects: Expectation;
}

export interface Expectation {
  /** Who answers at the group's address while the fault lasts. */
  readonly holder: "another" | "the same" | "nobody";
  /** Kinds of events that the control plane must have of it in the end. */
  readonly told: readonly EventKind[];
  /** The client's longest time without an answer, from the fault to its heal; not looked at where nobody shall answer. */
  readonly silenceMsMax: number;
  /** The same from the heal on. */
  readonly silenceAfterHealMsMax: number;
}

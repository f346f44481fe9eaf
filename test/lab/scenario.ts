import type { GroupStateName } from "../../shared/domain/failover/group-states.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import type { LabApplication } from "./lab-application.ts";
import type { Cast, LabSite } from "./lab-site.ts";
import type { Trial } from "./trial.ts";

/** Undoes a fault: what an operator or time would mend. */
export type Heal = () => Promise<void>;

/** For what mends itself. */
export const nothingToHeal: Heal = () => Promise.resolve();

/** `survivor` and `probe`: what two nodes without a third voter do when they lose each other (`whenAlone`). */
export type ClusterShape =
  | "three nodes"
  | "two nodes and a witness"
  | "two nodes and the cloud"
  | "two nodes, survivor"
  | "two nodes, probe";

/** A fault in a healthy cluster, and what must follow. */
export interface Scenario {
  readonly name: string;
  /** What happens, and what is expected, in one sentence. */
  readonly about: string;
  /** The cluster's timing where the fault asks for one; else that of the lab's caller. */
  readonly timing?: TimingProfileName;
  /** Of the group's address; 4 by itself. */
  readonly family?: 6;
  readonly hasSecondNetwork?: true;
  /** Three nodes by itself. */
  readonly cluster?: ClusterShape;
  /** What the group runs beyond its address; nothing by itself. */
  readonly application?: LabApplication;
  /** What the application's users do meanwhile. */
  readonly trial?: () => Trial;
  /** What must be there before the fault; the cluster is healthy again before it strikes. */
  readonly prepare?: (site: LabSite, cast: Cast) => Promise<void>;
  readonly strike: (site: LabSite, cast: Cast) => Promise<Heal>;
  /** How long the fault goes on after its consequence, so that what must not move again has time to; 1 s by itself. */
  readonly watchedMs?: number;
  readonly expects: Expectation;
}

export interface Expectation {
  /** Who answers at the group's address while the fault lasts. */
  readonly holder: "another" | "the same" | "nobody" | "anyone";
  /** Who does when all is healed and well; whoever it is, where nothing is said. */
  readonly holderAfter?: "another" | "the same";
  /** What whoever held the group before the fault, or each of the others, says of it before the heal: its state there, and a part of the reason. */
  readonly says?: { readonly who: "holder" | "others"; readonly state: GroupStateName; readonly reason?: string };
  /** Kinds of events that the control plane must have of it in the end. */
  readonly told: readonly EventKind[];
  /** What stands in one of them, beside other things. */
  readonly tells?: Readonly<Record<string, unknown>>;
  /** The client's longest time without an answer, from the fault to its heal; not looked at where nobody shall answer. */
  readonly silenceMsMax: number;
  /** Every single question of the client gets its answer, from the fault to the recovery. */
  readonly everythingIsAnswered?: true;
  /** Two answer for the address at once, as the rules say (S3): for so long at least while the fault lasts, and after its heal for so long at most. By itself never. */
  readonly bothAnswer?: { readonly atLeastMs: number; readonly afterHealMsMax: number };
  /** Nobody answers from the fault to the takeover: its record must tell of the same silence as the client. */
  readonly silenceIsRecorded?: true;
  /** As `silenceMsMax`, from the heal on. */
  readonly silenceAfterHealMsMax: number;
}

import type { Heartbeat } from "../domain/failover/messages.ts";
import type { NodeId } from "../domain/ids.ts";
import type { DurationUs, MonotonicUs } from "../domain/time.ts";
import type { CloudVoterTimings } from "../domain/witness/cloud-voter-timings.ts";
import type { CloudVoterPorts } from "./cloud-voter.ts";

/**
 * What speaks for looking again. `unanswered`: the last question; `promise`: one stands to another node; `way`: another connection to the control plane is broken; `peer`: a node
 * is not heard, and the vote may soon be needed; `document`: this node acts on a newer one than the control plane's vote has told of.
 */
export type Doubt = "unanswered" | "promise" | "way" | "peer" | "document";

/** In heartbeats: a node that is not heard for so long may be gone. */
const unheardIntervals = 2;
const urgent: readonly Doubt[] = ["unanswered", "promise"];

/**
 * When the cloud is looked at though nobody wants its vote. Each look is paid for: so seldom while nothing speaks against the last answer, often while something does, and
 * at once when that begins, unless it was looked at just before.
 */
export class CloudLooks {
  readonly #ports: Pick<CloudVoterPorts, "nowUs" | "callAt">;
  readonly #timings: CloudVoterTimings;
  readonly #look: () => void;
  readonly #doubts = new Set<Doubt>();
  /** Null: a look is under way. */
  #answeredUs: MonotonicUs | null = null;
  #next: { cancel(): void } | null = null;

  /** After each `look`, `answered` is to be called, whether there was an answer or not. */
  constructor(ports: Pick<CloudVoterPorts, "nowUs" | "callAt">, timings: CloudVoterTimings, look: () => void) {
    this.#ports = ports;
    this.#timings = timings;
    this.#look = look;
  }

  answered(): void {
    this.#answeredUs = this.#ports.nowUs();
    this.#schedule();
  }

  doubt(what: Doubt, isDoubtful: boolean): void {
    if (this.#doubts.has(what) === isDoubtful) return;
    if (isDoubtful) this.#doubts.add(what);
    else this.#doubts.delete(what);
    this.#schedule();
  }

  close(): void {
    this.#next?.cancel();
    this.#answeredUs = null;
  }

  #schedule(): void {
    if (this.#answeredUs === null) return;
    this.#next?.cancel();
    this.#next = this.#ports.callAt(Math.max(this.#ports.nowUs(), this.#answeredUs + this.#pauseUs()), () => {
      [this.#next, this.#answeredUs] = [null, null];
      this.#look();
    });
  }

  #pauseUs(): number {
    const { lookAgainUs, lookInDoubtUs, lookEveryUs } = this.#timings;
    if (urgent.some((doubt) => this.#doubts.has(doubt))) return lookAgainUs;
    return this.#doubts.size > 0 ? lookInDoubtUs : lookEveryUs;
  }
}

/** By what the core itself says with its heartbeat: for how long it has not heard each of the others. */
export function missesNode({ lastHeard }: Heartbeat, witness: NodeId, heartbeatUs: DurationUs): boolean {
  return lastHeard.some(({ node, ageUs }) => node !== witness && ageUs >= unheardIntervals * heartbeatUs);
}

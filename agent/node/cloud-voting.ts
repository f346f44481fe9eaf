import { cloudVoterTimings } from "../../shared/config/cloud-witness.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { cloudWitnessOf } from "../../shared/domain/membership/members.ts";
import { profileOf } from "../../shared/domain/membership/timing-profile.ts";
import { usFromMs } from "../../shared/domain/time.ts";
import type { CloudAnswer, CloudQuestion } from "../../shared/domain/witness/cloud-votes.ts";
import { CloudVoter } from "../../shared/voter/cloud-voter.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import { callAt } from "./loop-timer.ts";

export interface CloudVotingOptions {
  readonly nodeId: NodeId;
  readonly deliver: (message: PeerMessage) => void;
  /** Answered by `answered` with the same id. */
  readonly ask: (id: number, question: CloudQuestion) => void;
}

/** The control plane's vote on the control loop's thread, while the cluster document names it. */
export class CloudVoting {
  readonly #options: CloudVotingOptions;
  readonly #open = new Map<number, (answer: CloudAnswer | null) => void>();
  #asked = 0;
  #heartbeatUs = 0;
  #voter: CloudVoter | null = null;
  #isWayDoubtful = true;

  constructor(options: CloudVotingOptions) {
    this.#options = options;
  }

  documentChanged(document: ClusterDocument): void {
    const witness = cloudWitnessOf(document);
    this.#heartbeatUs = usFromMs(profileOf(document.timing, failoverSettings.profiles).heartbeatIntervalMs);
    if (witness === (this.#voter?.witness ?? null)) return;
    this.#voter?.close();
    if (witness === null) {
      this.#voter = null;
      return;
    }
    const ports = {
      nowUs: monotonicUs,
      callAt,
      ask: (question: CloudQuestion, answered: (answer: CloudAnswer | null) => void): void => {
        this.#asked += 1;
        this.#open.set(this.#asked, answered);
        this.#options.ask(this.#asked, question);
      },
      deliver: this.#options.deliver,
      heartbeatUs: () => this.#heartbeatUs,
    };
    this.#voter = new CloudVoter(witness, this.#options.nodeId, ports, cloudVoterTimings, failoverSettings);
    this.#voter.wayIsDoubtful(this.#isWayDoubtful);
  }

  /** As `CloudVoter`, for the next one too. */
  wayIsDoubtful(isDoubtful: boolean): void {
    this.#isWayDoubtful = isDoubtful;
    this.#voter?.wayIsDoubtful(isDoubtful);
  }

  /** Whether it is the witness that this goes to. */
  isFor(to: NodeId): boolean {
    return to === this.#voter?.witness;
  }

  take(message: PeerMessage): void {
    this.#voter?.take(message);
  }

  answered(id: number, answer: CloudAnswer | null): void {
    const waiting = this.#open.get(id);
    this.#open.delete(id);
    waiting?.(answer);
  }

  close(): void {
    this.#voter?.close();
  }
}

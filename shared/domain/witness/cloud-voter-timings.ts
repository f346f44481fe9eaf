import type { DurationUs } from "../time.ts";

/** All in microseconds. */
export interface CloudVoterTimings {
  /** T_w: for how long the cloud is asked at a time, and after how much of that again. */
  readonly forUs: DurationUs;
  readonly renewAfterUs: DurationUs;
  /** An ask without an answer is made again beside the first one. */
  readonly askAgainAfterUs: DurationUs;
  /** While nothing speaks against the last answer. */
  readonly lookEveryUs: DurationUs;
  /** While a node is not heard, another connection to the control plane is broken, or it has not told of this node's document. */
  readonly lookInDoubtUs: DurationUs;
  /** While the cloud does not answer, or has promised a group to another node. */
  readonly lookAgainUs: DurationUs;
}

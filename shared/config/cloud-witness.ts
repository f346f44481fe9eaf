import type { CloudVoterTimings } from "../domain/witness/cloud-voter-timings.ts";

/** Of the control plane's vote, in microseconds. Relations are asserted in test/shared/config/timing.test.ts. */
export const cloudVoterTimings: CloudVoterTimings = {
  // So long the cloud may be away while a group hangs on its vote; and so long a node waits that finds it promised to another one which is gone.
  forUs: 30_000_000,
  renewAfterUs: 10_000_000,
  askAgainAfterUs: 500_000,
  // Each is paid for, and so is nothing else while a cluster is whole (functions/COST.md).
  lookEveryUs: 7_200_000_000,
  lookInDoubtUs: 20_000_000,
  lookAgainUs: 2_000_000,
};

import type { ClusterId } from "../../shared/domain/ids.ts";
import type { CloudVotes } from "../../shared/domain/witness/cloud-votes.ts";

/** The control plane's votes as a witness, one item a cluster. Rejects with `StoreUnavailableError`, or where what is kept is damaged. */
export interface WitnessStore {
  /** Strongly consistent. */
  find(clusterId: ClusterId): Promise<CloudVotes | undefined>;
  /** Begins with these, in place of those of an earlier witness; leaves them alone where they are this witness's own. */
  begin(clusterId: ClusterId, votes: CloudVotes): Promise<void>;
  /** Replaces those of this witness with the revision before, and no others; false where they are not there any more. */
  replace(clusterId: ClusterId, votes: CloudVotes): Promise<boolean>;
}

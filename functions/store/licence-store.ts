import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";

export interface StoredLicence {
  readonly licence: Licence;
  /** Compact JWS of exactly this licence. */
  readonly signed: string;
}

/** Licences of each cluster; they stack. Rejects with `StoreUnavailableError` only. */
export interface LicenceStore {
  /** Once for each licence id: what is there stays as it is, and one that was withdrawn stays withdrawn. */
  add(licence: StoredLicence): Promise<"added" | "known" | "withdrawn">;
  /** From then on it is no licence of the cluster; kept under its id, so that its file cannot bring it back. False where there is none to withdraw. */
  withdraw(clusterId: ClusterId, licenceId: string, at: string): Promise<boolean>;
  isWithdrawn(clusterId: ClusterId, licenceId: string): Promise<boolean>;
  /** Without those withdrawn. Strongly consistent: a licence counts for the enrolment right after it. */
  listOfCluster(clusterId: ClusterId): Promise<readonly StoredLicence[]>;
}

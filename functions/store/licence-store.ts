import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";

export interface StoredLicence {
  readonly licence: Licence;
  /** Compact JWS of exactly this licence. */
  readonly signed: string;
}

/** Licences of each cluster; they stack. Rejects with `StoreUnavailableError` only. */
export interface LicenceStore {
  /** Idempotent for the same licence id. */
  add(licence: StoredLicence): Promise<void>;
  /** Strongly consistent: a licence counts for the enrolment right after it. */
  listOfCluster(clusterId: ClusterId): Promise<readonly StoredLicence[]>;
}

import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { DeviceCounts } from "../../shared/domain/licensing/device-counts.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { LicenceStanding } from "../../shared/domain/licensing/licence-term.ts";
import type { IssueLicenceRequest, LicenceStandingBody } from "../../shared/protocol/licence-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { choosePrimary } from "../use-cases/choose-primary.ts";
import { declareDevices } from "../use-cases/declare-devices.ts";
import { importLicence } from "../use-cases/import-licence.ts";
import { issueLicence } from "../use-cases/issue-licence.ts";
import { licenceStanding, standingOfLicence } from "../use-cases/licence-standing.ts";
import { startTrial } from "../use-cases/start-trial.ts";
import { withdrawLicence } from "../use-cases/withdraw-licence.ts";

/** Everything that the page about a cluster's licences shows. */
export interface LicenceView {
  readonly customer: Customer;
  readonly clusterId: ClusterId;
  readonly clusterName: string;
  readonly standing: LicenceStandingBody;
  readonly licences: readonly ShownLicence[];
}

export interface ShownLicence {
  readonly licence: Licence;
  /** The file. */
  readonly signed: string;
  readonly standing: LicenceStanding | "set-aside";
}

/** What that page reads and changes; refused like everything that the console changes. */
export interface LicenceConsoleData {
  read(clusterId: ClusterId): Promise<LicenceView | undefined>;
  issue(clusterId: ClusterId, licence: IssueLicenceRequest): Promise<void>;
  startTrial(clusterId: ClusterId): Promise<void>;
  import(clusterId: ClusterId, signed: string): Promise<void>;
  withdraw(clusterId: ClusterId, licenceId: string): Promise<void>;
  declare(clusterId: ClusterId, counts: DeviceCounts): Promise<void>;
  choosePrimary(clusterId: ClusterId, nodeId: NodeId): Promise<void>;
}

/** On the control plane's own stores and use cases. */
export function licenceConsoleData(dependencies: Dependencies): LicenceConsoleData {
  const { stores, nowMs } = dependencies;
  return {
    async read(clusterId) {
      const document = (await stores.clusters.find(clusterId))?.document;
      const customer = document === undefined ? undefined : await stores.customers.find(document.customerId);
      if (document === undefined || customer === undefined) return undefined;
      const stored = await stores.licences.listOfCluster(clusterId);
      const all = stored.map(({ licence }) => licence);
      const licences = stored
        .map(({ licence, signed }) => ({ licence, signed, standing: standingOfLicence(licence, all, nowMs()) }))
        .toSorted((one, other) => other.licence.validUntil.localeCompare(one.licence.validUntil));
      return { customer, clusterId, clusterName: document.name, standing: await licenceStanding(dependencies, document), licences };
    },
    async issue(clusterId, licence) {
      await issueLicence(dependencies, clusterId, licence);
    },
    async startTrial(clusterId) {
      await startTrial(dependencies, clusterId);
    },
    async import(clusterId, signed) {
      await importLicence(dependencies, clusterId, signed);
    },
    withdraw: (clusterId, licenceId) => withdrawLicence(dependencies, clusterId, licenceId),
    declare: (clusterId, counts) => declareDevices(dependencies, clusterId, counts),
    async choosePrimary(clusterId, nodeId) {
      await choosePrimary(dependencies, { clusterId, nodeId });
    },
  };
}

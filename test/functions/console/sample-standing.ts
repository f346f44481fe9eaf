import type { LicenceConsoleData, LicenceView } from "../../../functions/console/licence-console-data.ts";
import type { Customer } from "../../../functions/store/customer-store.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { at } from "./sample-cluster.ts";

const licenceId = `lic_${"7".repeat(20)}`;

/** A cluster of every kind of line that the page about licences can have. */
export function sampleLicenceView(customer: Customer, { clusterId, name, nodes }: ClusterDocument): LicenceView {
  const member = { hardwareAddress: "02:00:5e:10:00:0a", role: "primary" as const };
  const common = {
    schema: 1 as const,
    customerId: customer.customerId,
    clusterId,
    validFrom: at(0),
    validUntil: at(86_400),
    graceDays: 30,
  };
  return {
    customer,
    clusterId,
    clusterName: name,
    standing: {
      state: "grace",
      trial: false,
      since: at(0),
      next: { state: "lapsed", at: at(86_400) },
      trialAvailable: true,
      nodes: { used: nodes.length, licensed: 3 },
      users: {
        required: 60,
        licensed: 64,
        declared: { ipStations: 10, sipStations: 50, softClients: 0, amplifierChannels: 0, ioModules: 0 },
      },
      usage: "near",
      members: nodes.map(({ nodeId, name: node, role }) => ({
        nodeId,
        name: node,
        role,
        roleFixedBy: null,
        hardwareAddresses: ["02:00:5e:10:00:0a"],
        entitlements: ["replication", "active_cluster_member"],
      })),
      consequences: ["What runs goes on.", "A warning comes every day."],
    },
    licences: [
      {
        licence: { ...common, licenceId, nodes: 2, users: 64, members: [member], partNumber: "ILR-U64" },
        signed: "header.payload.signature",
        standing: "grace",
      },
      { licence: { ...common, licenceId: `lic_${"8".repeat(20)}`, nodes: 8, trial: true }, signed: "x.y.z", standing: "set-aside" },
    ],
  };
}

/** Looks as the sample does; what changes something is refused. */
export function sampleLicensing(read: LicenceConsoleData["read"]): LicenceConsoleData {
  return { read, issue: refuse, startTrial: refuse, import: refuse, withdraw: refuse, declare: refuse, choosePrimary: refuse };
}

async function refuse(): Promise<never> {
  throw new Refusal("licence-invalid", "the sample changes nothing", "Look at it.");
}

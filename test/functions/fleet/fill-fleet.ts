import { dynamoStores } from "../../../functions/store/dynamo-stores.ts";
import type { Stores } from "../../../functions/store/stores.ts";
import type { Observation } from "../../../shared/domain/monitoring/observation.ts";
import { at, customerId, healthySample, sampleSummary, takenOverSample } from "../console/sample-cluster.ts";
import { openBatchingTable } from "./batching-table.ts";

export interface FleetSize {
  readonly customers: number;
  readonly clustersPerCustomer: number;
}

export const largeFleet: FleetSize = { customers: 200, clustersPerCustomer: 25 };

/** Two of them have lost a node; all others are well. Somewhere in the middle of the list. */
export const degradedIn = ({ customers, clustersPerCustomer }: FleetSize): readonly [number, number] => {
  const count = customers * clustersPerCustomer;
  return [Math.floor(count * 0.37) + 1, Math.floor(count * 0.81) + 1];
};

export function nameOfCustomer(number: number): string {
  return `Customer ${String(number).padStart(3, "0")}`;
}

export interface Filling {
  /** Of which clusters the document, the reports, the presence and the events are written too, by number from 1; of those that are degraded always. Absent: of all. */
  readonly whole?: (number: number) => boolean;
  /** False: somebody else makes them. */
  readonly withSummaries?: boolean;
}

/** Fills an embedded DynamoDB's folder with a fleet, through the stores. Nothing else may have the folder open. Says how many items that were. */
export async function fillFleet(
  path: string,
  size: FleetSize,
  { whole = () => true, withSummaries = true }: Filling = {},
): Promise<number> {
  const { table, close } = await openBatchingTable(path);
  const stores = dynamoStores(table);
  const degraded = degradedIn(size);
  let written = 0;
  for (let customer = 1; customer <= size.customers; customer += 1) {
    await stores.customers.add({ customerId: customerId(customer), name: nameOfCustomer(customer), createdAt: at(customer) });
    for (let index = 1; index <= size.clustersPerCustomer; index += 1) {
      const number = (customer - 1) * size.clustersPerCustomer + index;
      const site = { number, name: `Site ${index}`, nodeNames: [`pbx-${number}-a`, `pbx-${number}-b`] };
      const observation = degraded.includes(number) ? takenOverSample(site) : healthySample(site);
      const own = { ...observation, document: { ...observation.document, customerId: customerId(customer) } };
      if (whole(number) || degraded.includes(number)) await add(stores, own);
      if (withSummaries) await stores.summaries.save({ summary: sampleSummary(own), version: 1 });
    }
    written += await table.flush();
  }
  if (withSummaries) await stores.summaries.noteComplete(1);
  written += await table.flush();
  await close();
  return written;
}

async function add(stores: Stores, observation: Observation): Promise<void> {
  const { document, reports, presence, events } = observation;
  const voters = document.nodes.map(({ nodeId }) => nodeId);
  await stores.clusters.add({ document, signed: "unsigned", memberships: [{ version: document.version, voters }] });
  for (const report of reports) await stores.reports.put({ report, receivedAt: report.at });
  for (const one of presence) await stores.presence.put({ ...one, clusterId: document.clusterId, sequence: 1 });
  for (const event of events) await stores.events.add(event);
}

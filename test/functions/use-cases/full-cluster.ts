import type { Dependencies } from "../../../functions/dependencies.ts";
import { declareDevices } from "../../../functions/use-cases/declare-devices.ts";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { planMaintenance } from "../../../functions/use-cases/maintenance.ts";
import { readFleet } from "../../../functions/use-cases/read-fleet.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { recordPresence } from "../../../functions/use-cases/record-presence.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { type ControlPlane, clusterOfTwo, newToken, takeoverEvent } from "../control-plane.ts";

export async function customerOf({ dependencies }: ControlPlane, clusterId: ClusterId): Promise<CustomerId> {
  const cluster = await dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error(`${clusterId} is not there`);
  return cluster.document.customerId;
}

/** Two nodes, and something of everything that can be stored of a cluster. */
export async function fullCluster(plane: ControlPlane) {
  const { dependencies } = plane;
  const site = await clusterOfTwo(plane, 4);
  const { clusterId, alpha, beta } = site;
  const customerId = await customerOf(plane, clusterId);
  await recordEvents(dependencies, { clusterId, nodeId: alpha }, { events: [takeoverEvent(clusterId, alpha, beta, 1)] });
  await dispatchAlerts(dependencies);
  await recordPresence(dependencies, { clusterId, nodeId: alpha }, { connected: true, sequence: 1 });
  await recordPresence(dependencies, { clusterId, nodeId: beta }, { connected: false, sequence: 1 });
  await declareDevices(dependencies, clusterId, { ...noDevices, ipStations: 4 });
  const startsAt = new Date(plane.clock.nowMs + 3_600_000).toISOString();
  const endsAt = new Date(plane.clock.nowMs + 7_200_000).toISOString();
  await planMaintenance(dependencies, customerId, { clusterId, startsAt, endsAt, reason: "new switch" });
  const token = await newToken(plane, clusterId);
  return { ...site, customerId, token };
}

/** What a request to remove it with its nodes must hold. */
export const named = { confirm: "front desk" };

/** Everything that any store still has of it. */
export async function remainsOf({ dependencies }: ControlPlane, clusterId: ClusterId, customerId: CustomerId) {
  const { stores } = dependencies;
  const events = await stores.events.page(clusterId, { limit: 10 });
  return {
    cluster: await stores.clusters.find(clusterId),
    listed: (await stores.clusters.listOfCustomer(customerId)).filter(({ document }) => document.clusterId === clusterId),
    fleet: (await readFleet(dependencies, { role: "viewer", customers: "all" })).clusters.filter((one) => one.clusterId === clusterId),
    events: events === "bad-position" ? events : events.events,
    book: (await stores.incidents.find(clusterId)).version,
    alerts: await stores.outgoingAlerts.history(clusterId, { limit: 10 }),
    licences: await stores.licences.listOfCluster(clusterId),
    devices: await stores.licenceBasis.findDevices(clusterId),
    hardware: [...(await stores.licenceBasis.listHardware(clusterId))],
    tokens: await stores.tokens.listOfCluster(clusterId, ""),
    reports: await stores.reports.listOfCluster(clusterId),
    presence: await stores.presence.listOfCluster(clusterId),
    votes: await stores.witness.find(clusterId),
    summary: await stores.summaries.find(clusterId),
    windows: (await stores.alertSettings.windows(customerId)).filter((window) => window.clusterId === clusterId),
  };
}

/** `remainsOf` a cluster of which nothing is left. */
export const nothing = {
  cluster: undefined,
  listed: [],
  fleet: [],
  events: [],
  book: 0,
  alerts: [],
  licences: [],
  devices: undefined,
  hardware: [],
  tokens: [],
  reports: [],
  presence: [],
  votes: undefined,
  summary: undefined,
  windows: [],
};

/** The same object, but that something happens before this method's work. */
export function onceBefore<Store extends object>(store: Store, method: keyof Store, first: () => Promise<void>): Store {
  return new Proxy(store, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== "function") return member;
      return async (...parameters: unknown[]) => {
        if (property === method) await first();
        return Reflect.apply(member, target, parameters) as unknown;
      };
    },
  });
}

async function killed(): Promise<void> {
  throw new Error("killed here");
}

/** As if the process was killed where it begins this call. */
export function failingAt({ dependencies }: ControlPlane, step: string): Dependencies {
  const [name, method] = step.split(".") as [keyof Dependencies["stores"] | "messenger", string];
  if (name === "messenger") return { ...dependencies, messenger: onceBefore(dependencies.messenger, method as "retire", killed) };
  const store = onceBefore(dependencies.stores[name] as object, method as never, killed);
  return { ...dependencies, stores: { ...dependencies.stores, [name]: store } };
}

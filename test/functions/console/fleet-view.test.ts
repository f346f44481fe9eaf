import { describe, expect, it } from "vitest";
import type { CustomerFleet } from "../../../functions/console/console-data.ts";
import { fleetView } from "../../../functions/console/pages/fleet-view.ts";
import { MemoryConsoleData } from "./memory-console-data.ts";
import { at, healthySample, sampleDocument, takenOverSample } from "./sample-cluster.ts";

async function sampleFleet(): Promise<readonly CustomerFleet[]> {
  const data = new MemoryConsoleData();
  const [zoo, acme] = [data.addCustomer("Zoo"), data.addCustomer("Acme")];
  data.addCustomer("Later");
  data.put(healthySample({ number: 1, name: "Gate", nodeNames: ["gate-1", "gate-2"] }), zoo);
  data.put(takenOverSample({ number: 2, name: "Switchboard", nodeNames: ["pbx-1", "pbx-2", "pbx-3"] }), zoo);
  const dark = healthySample({ number: 3, name: "Yard", nodeNames: ["yard-1", "yard-2"] });
  data.put({ ...dark, presence: dark.presence.map((one) => ({ ...one, connected: false, since: at(9) })) }, acme);
  data.put({ document: sampleDocument({ number: 4, name: "Hall", nodeNames: [] }), reports: [], presence: [], events: [] }, acme);
  data.put(healthySample({ number: 5, name: "Ward", nodeNames: ["ward-1", "ward-2"] }), acme);
  return data.fleet();
}

const names = (view: ReturnType<typeof fleetView>) => view.rows.map((row) => row.name);

describe("fleet view", () => {
  it("trouble comes first, then customer and name; every cluster is counted under its health", async () => {
    const view = fleetView(await sampleFleet(), { search: "", health: null });
    expect(names(view)).toEqual(["Switchboard", "Yard", "Hall", "Ward", "Gate"]);
    expect(view.counts).toEqual({ down: 0, degraded: 1, unknown: 1, empty: 1, ok: 2 });
    expect(view.customersWithoutCluster.map(({ name }) => name)).toEqual(["Later"]);
  });

  it("a row: who is operational and how many nodes are up", async () => {
    const [row] = fleetView(await sampleFleet(), { search: "", health: null }).rows;
    expect(row).toMatchObject({ operational: ["pbx-2"], nodesUp: 2, customerName: "Zoo" });
  });

  it.each([
    ["zoo", ["Switchboard", "Gate"]],
    ["  WARD ", ["Ward"]],
    ["pbx-3", ["Switchboard"]],
    ["nothing", []],
  ])("searched for %j in the names of customers, clusters and nodes", async (search, expected) => {
    const view = fleetView(await sampleFleet(), { search, health: null });
    expect(names(view)).toEqual(expected);
    expect(view.clusterCount).toBe(5);
  });

  it("one health chosen: only its clusters, while the counts stay those of all", async () => {
    const view = fleetView(await sampleFleet(), { search: "", health: "ok" });
    expect(names(view)).toEqual(["Ward", "Gate"]);
    expect(view.counts.degraded).toBe(1);
  });
});

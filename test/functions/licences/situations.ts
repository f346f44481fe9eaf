import { declareDevices } from "../../../functions/use-cases/declare-devices.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { importLicence } from "../../../functions/use-cases/import-licence.ts";
import { startTrial } from "../../../functions/use-cases/start-trial.ts";
import { withdrawLicence } from "../../../functions/use-cases/withdraw-licence.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import type { ControlPlane } from "../control-plane.ts";
import { LicensedSite, refusalOf } from "./licensed-site.ts";

export function worded(answer: string): string {
  return answer === "yes" ? "yes" : `refused: \`${answer}\``;
}

/** One row of the table: how a cluster gets into the situation, and, where a single act is in question, what became of that act, in words. */
export interface Situation {
  readonly name: string;
  readonly arrange: (site: LicensedSite, plane: ControlPlane) => Promise<string | void>;
  /** Nothing runs yet. */
  readonly empty?: true;
}

export const [macA, macB] = ["02:00:5e:10:00:0a", "02:00:5e:10:00:0b"] as const;

const naming = (primary: string, secondary: string) => ({
  members: [
    { hardwareAddress: primary, role: "primary" as const },
    { hardwareAddress: secondary, role: "secondary" as const },
  ],
});

async function pair(site: LicensedSite): Promise<void> {
  await site.join("alpha", macA);
  await site.join("beta", macB);
}

async function tried(site: LicensedSite, plane: ControlPlane, days: number): Promise<void> {
  await startTrial(plane.dependencies, site.clusterId);
  await pair(site);
  await site.pass(days);
}

async function licensed(site: LicensedSite, days: number, passed = 0): Promise<void> {
  await site.license(days);
  await pair(site);
  await site.pass(passed);
}

async function serving(site: LicensedSite, plane: ControlPlane, sipStations: number): Promise<void> {
  await site.license(400, { users: 64 });
  await site.license(400, { nodes: 1, users: 256 });
  await pair(site);
  await declareDevices(plane.dependencies, site.clusterId, { ...noDevices, sipStations });
}

export const situations: readonly Situation[] = [
  { name: "no licence, no trial", arrange: async () => {}, empty: true },
  { name: "trial, its 3rd day", arrange: (site, plane) => tried(site, plane, 3) },
  { name: "trial, its last week", arrange: (site, plane) => tried(site, plane, 29) },
  { name: "trial over, in its grace", arrange: (site, plane) => tried(site, plane, 31) },
  { name: "trial over, grace over", arrange: (site, plane) => tried(site, plane, 61) },
  {
    name: "trial over, asked for again",
    arrange: async (site, plane) => {
      await tried(site, plane, 0);
      site.skip(60);
      await site.pass(1);
      return worded(await refusalOf(() => startTrial(plane.dependencies, site.clusterId)));
    },
  },
  {
    name: "licence for 1 node begins in a trial of 2",
    arrange: async (site, plane) => {
      await tried(site, plane, 3);
      await site.license(400, { nodes: 1 });
    },
  },
  { name: "licence for 2 nodes, both there", arrange: (site) => licensed(site, 400) },
  {
    name: "the same; a third node waits, and 1 is added",
    arrange: async (site, plane) => {
      await licensed(site, 400);
      const waiting = await site.request("gamma");
      const ask = () => enrolNode(plane.dependencies, waiting);
      const before = worded(await refusalOf(ask));
      await site.license(400, { nodes: 1 });
      return `${before}; asked again after that: ${worded(await refusalOf(ask))}`;
    },
  },
  {
    name: "licence without redundancy, 1 node there",
    arrange: async (site) => {
      await site.license(400, { entitlements: ["active_cluster_member", "provisioning_master"] });
      await site.join("alpha");
    },
  },
  { name: "64 + 256 users licensed, 287 declared", arrange: (site, plane) => serving(site, plane, 287) },
  { name: "64 + 256 users licensed, 288 declared", arrange: (site, plane) => serving(site, plane, 288) },
  { name: "64 + 256 users licensed, 321 declared", arrange: (site, plane) => serving(site, plane, 321) },
  {
    name: "a year's licence, its last 60 days",
    arrange: async (site) => {
      await licensed(site, 365);
      site.skip(304);
      await site.pass(60);
    },
  },
  {
    name: "the same, with the next year's bought",
    arrange: async (site) => {
      await licensed(site, 365);
      await site.license(730);
      site.skip(304);
      await site.pass(65);
    },
  },
  { name: "licence over, 2nd day of its grace", arrange: (site) => licensed(site, 1, 2) },
  { name: "licence over, grace over", arrange: (site) => licensed(site, 1, 31) },
  {
    name: "lapsed, then a new one",
    arrange: async (site) => {
      await licensed(site, 1, 31);
      await site.license(400, { nodes: 3 });
    },
  },
  {
    name: "one of two needed licences withdrawn",
    arrange: async (site, plane) => {
      await site.license(400, { nodes: 1 });
      const { licence } = await site.license(400, { nodes: 1 });
      await pair(site);
      await withdrawLicence(plane.dependencies, site.clusterId, licence.licenceId);
    },
  },
  {
    name: "licence names the other server as primary",
    arrange: async (site) => {
      await licensed(site, 400);
      await site.license(400, { nodes: 1, ...naming(macB, macA) });
    },
  },
  {
    name: "a second licence names yet another primary",
    arrange: async (site) => {
      await licensed(site, 400);
      await site.license(400, { nodes: 1, ...naming(macA, macB) });
      return worded(await refusalOf(() => site.license(400, { nodes: 1, ...naming(macB, macA) })));
    },
  },
  {
    name: "licence file, one letter changed",
    arrange: async (site, plane) => {
      await licensed(site, 400);
      const { signed } = await site.license(400, { nodes: 1 });
      const [header, payload = "", signature] = signed.split(".");
      const changed = [header, `${payload.slice(0, -2)}${payload.at(-2) === "A" ? "B" : "A"}${payload.at(-1)}`, signature].join(".");
      return worded(await refusalOf(() => importLicence(plane.dependencies, site.clusterId, changed)));
    },
  },
  {
    name: "licence file of another cluster",
    arrange: async (site, plane) => {
      await licensed(site, 400);
      const other = await LicensedSite.open(plane);
      const { signed } = await other.license(400);
      return worded(await refusalOf(() => importLicence(plane.dependencies, site.clusterId, signed)));
    },
  },
];

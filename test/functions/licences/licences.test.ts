import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { licencesHandler } from "../../../functions/licences/handler.ts";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { nodeChange } from "../../../functions/use-cases/change-node.ts";
import { changeWhenAlone } from "../../../functions/use-cases/change-when-alone.ts";
import { choosePrimary } from "../../../functions/use-cases/choose-primary.ts";
import { declareDevices } from "../../../functions/use-cases/declare-devices.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { importLicence } from "../../../functions/use-cases/import-licence.ts";
import { licenceStanding } from "../../../functions/use-cases/licence-standing.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import { settleLicences } from "../../../functions/use-cases/settle-licences.ts";
import { startTrial } from "../../../functions/use-cases/start-trial.ts";
import { withdrawLicence } from "../../../functions/use-cases/withdraw-licence.ts";
import { limits } from "../../../shared/config/limits.ts";
import { controlPlaneId, type EventId, type GroupName } from "../../../shared/domain/ids.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { signedTypes, verifySigned } from "../../../shared/protocol/signatures.ts";
import { acknowledge, type ControlPlane, enrolRequest, newIdentity, startControlPlane } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";
import { LicensedSite } from "./licensed-site.ts";
import { macA, macB } from "./situations.ts";

let plane: ControlPlane;
let site: LicensedSite;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  site = await LicensedSite.open(plane);
});

const roles = async () => (await site.document()).nodes.map(({ name, role }) => `${name} ${role}`);
const naming = (hardwareAddress: string) => ({ nodes: 1, members: [{ hardwareAddress, role: "primary" as const }] });
const standing = async () => licenceStanding(plane.dependencies, await site.document());

describe("licences: a node that waits for one", () => {
  it("goes on with the same request when the licence is extended, an hour after its token has expired", async () => {
    await site.license(400, { nodes: 1 });
    await site.join("alpha");
    const request = await site.request("beta");
    const ask = () => enrolNode(plane.dependencies, request);
    await expect(ask()).rejects.toMatchObject({
      code: "licence-limit",
      message: "licences allow 1 node; cluster front desk already has 1",
    });
    plane.clock.nowMs += limits.joinTokenLifetimeSecondsMax * 1_000 + 3_600_000;
    await expect(ask()).rejects.toMatchObject({ code: "licence-limit" });
    await site.license(400, { nodes: 1 });
    expect((await ask()).clusterId).toBe(site.clusterId);
    expect((await site.document()).nodes).toHaveLength(2);
  });

  it("waits for a day; and nobody else can have its token", async () => {
    await site.license(400, { nodes: 1 });
    await site.join("alpha");
    const request = await site.request("beta");
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({ code: "licence-limit" });
    const stolen = enrolRequest(request.tokenSecret, await newIdentity({ notAfterMs: Date.UTC(2090, 0, 1) }), "gamma", 7_900);
    await expect(enrolNode(plane.dependencies, stolen)).rejects.toMatchObject({ code: "token-used" });
    await site.license(400, { nodes: 1 });
    plane.clock.nowMs += (limits.joinTokenLifetimeSecondsMax + limits.joinWaitSecondsMax) * 1_000;
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({ code: "token-expired" });
  });

  it("without any licence the refusal offers the trial, and nothing is changed", async () => {
    const before = await site.document();
    await expect(enrolNode(plane.dependencies, await site.request("alpha"))).rejects.toMatchObject({
      code: "licence-required",
      message: "cluster front desk has no licence",
      nextStep: "Start the trial or issue a licence, then use the same token again.",
    });
    expect(await site.document()).toEqual(before);
  });
});

describe("licences: the trial", () => {
  it("is one for each cluster: asked for twice it is the same, after a licence there is none", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => startTrial(plane.dependencies, site.clusterId)));
    expect(other).toEqual(one);
    await site.license(400);
    await withdrawLicence(plane.dependencies, site.clusterId, one?.licence.licenceId ?? "");
    await expect(startTrial(plane.dependencies, site.clusterId)).rejects.toMatchObject({ code: "trial-used" });
  });

  it("becomes a licence in place: no node joins anew, and the document stays as it is", async () => {
    await startTrial(plane.dependencies, site.clusterId);
    await site.join("alpha");
    await site.join("beta");
    const before = await site.document();
    await site.license(400);
    expect(await site.document()).toEqual(before);
    expect(await standing()).toMatchObject({ state: "valid", trial: false, nodes: { used: 2, licensed: 2 }, trialAvailable: false });
  });
});

describe("licences: who is primary", () => {
  it("a licence that says otherwise wins at once: one new document, one alert, and looking again changes nothing", async () => {
    await site.license(400);
    await site.join("alpha", macA);
    const beta = await site.join("beta", macB);
    const { version } = await site.document();
    const { licence } = await site.license(400, naming(macB));
    expect(await roles()).toEqual(["alpha secondary", "beta primary"]);
    for (let again = 0; again < 3; again += 1) await settleLicences(plane.dependencies, site.clusterId);
    expect((await site.document()).version).toBe(version + 1);
    expect(await site.told()).toEqual([
      `beta is the primary now in place of alpha, because licence ${licence.licenceId} names it; nothing was restarted`,
    ]);
    await expect(choosePrimary(plane.dependencies, { clusterId: site.clusterId, nodeId: beta })).resolves.toBeDefined();
    const [alpha] = (await site.document()).nodes;
    await expect(choosePrimary(plane.dependencies, { clusterId: site.clusterId, nodeId: alpha?.nodeId ?? beta })).rejects.toMatchObject({
      code: "licence-conflict",
      message: `licence ${licence.licenceId} names beta as the primary of cluster front desk`,
    });
  });

  it("a server that is named joins later: it is primary from then on", async () => {
    await site.license(400);
    await site.license(400, naming(macB));
    await site.join("alpha", macA);
    expect(await roles()).toEqual(["alpha primary"]);
    await site.join("beta", macB);
    expect(await roles()).toEqual(["alpha secondary", "beta primary"]);
  });

  it("where no licence names anybody it is a setting, in a trial as with a licence; services and votes stay where they are", async () => {
    await startTrial(plane.dependencies, site.clusterId);
    const alpha = await site.join("alpha");
    const beta = await site.join("beta");
    const { groups } = await site.document();
    await choosePrimary(plane.dependencies, { clusterId: site.clusterId, nodeId: beta });
    await site.license(400);
    expect(await roles()).toEqual(["alpha secondary", "beta primary"]);
    await choosePrimary(plane.dependencies, { clusterId: site.clusterId, nodeId: alpha });
    expect(await roles()).toEqual(["alpha primary", "beta secondary"]);
    expect((await site.document()).groups).toEqual(groups);
  });

  it("one that contradicts another is refused with both; when the other is withdrawn it is taken, on the running cluster", async () => {
    const { licence } = await site.license(400, { ...naming(macA), nodes: 2 });
    await site.join("alpha", macA);
    await site.join("beta", macB);
    await expect(site.license(400, { ...naming(macB), nodes: 2 })).rejects.toMatchObject({
      code: "licence-conflict",
      message: `the licence says of servers what cannot hold: it names ${macB} as the primary, and licence ${licence.licenceId} names ${macA}`,
    });
    expect(await roles()).toEqual(["alpha primary", "beta secondary"]);
    await withdrawLicence(plane.dependencies, site.clusterId, licence.licenceId);
    await site.license(400, { ...naming(macB), nodes: 2 });
    expect(await roles()).toEqual(["alpha secondary", "beta primary"]);
  });

  it("a primary that may run no services joins outside the group's order, and cannot be put into it", async () => {
    await site.license(400, {
      members: [{ hardwareAddress: macA, role: "primary", entitlements: ["replication", "provisioning_master"] }],
    });
    const alpha = await site.join("alpha", macA);
    const beta = await site.join("beta", macB);
    const { version, groups } = await site.document();
    expect(groups[0]?.order).toEqual([beta]);
    const target = { clusterId: site.clusterId, group: "default" as GroupName, expectedVersion: version };
    const content = { order: [beta, alpha], resources: [], failback: { mode: "manual" as const } };
    await expect(putGroup(plane.dependencies, target, content)).rejects.toMatchObject({
      code: "licence-entitlement",
      message: "the licences of cluster front desk do not let alpha run services (active_cluster_member)",
    });
    expect((await standing()).members.map(({ name, entitlements }) => `${name}: ${entitlements.join(" ")}`)).toEqual([
      "alpha: replication provisioning_master",
      "beta: replication active_cluster_member",
    ]);
  });
});

describe("licences: once everything has lapsed", () => {
  it("what configures is refused with the way out; removing a node and declaring devices is not", async () => {
    await site.license(1);
    await site.join("alpha");
    const beta = await site.join("beta");
    for (const { nodeId } of (await site.document()).nodes) await acknowledge(plane, site.clusterId, nodeId);
    await site.pass(40);
    await expect(changeWhenAlone(plane.dependencies, site.clusterId, "survivor")).rejects.toMatchObject({
      code: "licence-lapsed",
      nextStep: "Issue or import a licence, then do the same again.",
    });
    await expect(changeDocument(plane.dependencies, site.clusterId, nodeChange(beta, { name: "alpha" }))).rejects.toMatchObject({
      code: "licence-lapsed",
      message: expect.stringMatching(/have lapsed: .*; and the cluster would not be sound$/) as string,
      problems: [{ path: "nodes.1.name" }],
    });
    expect((await standing()).consequences[0]).toMatch(/^What runs goes on/);
    await declareDevices(plane.dependencies, site.clusterId, { ...noDevices, ipStations: 5 });
    await changeDocument(plane.dependencies, site.clusterId, nodeRemoval(beta));
    expect((await site.document()).nodes.map(({ name }) => name)).toEqual(["alpha"]);
  });
});

describe("licences: the file", () => {
  it("is verified offline with the keys of the enrolment; taken again it changes nothing; withdrawn it does not come back", async () => {
    const { licence, signed } = await site.license(400);
    const keys = (await plane.dependencies.signer.publicKeys()).map((key) => ({ ...key }));
    expect(await verifySigned(signedTypes.licence, signed, { keys })).toEqual({ ok: true, payload: licence });
    await importLicence(plane.dependencies, site.clusterId, `${signed}\n`);
    expect(await plane.dependencies.stores.licences.listOfCluster(site.clusterId)).toEqual([{ licence, signed }]);
    await withdrawLicence(plane.dependencies, site.clusterId, licence.licenceId);
    expect(await plane.dependencies.stores.licences.listOfCluster(site.clusterId)).toEqual([]);
    await expect(importLicence(plane.dependencies, site.clusterId, signed)).rejects.toMatchObject({ code: "licence-invalid" });
    await expect(withdrawLicence(plane.dependencies, site.clusterId, licence.licenceId)).rejects.toMatchObject({ code: "not-found" });
  });

  it("a signed cluster document is no licence", async () => {
    const cluster = await plane.dependencies.stores.clusters.find(site.clusterId);
    await expect(importLicence(plane.dependencies, site.clusterId, cluster?.signed ?? "")).rejects.toMatchObject({
      code: "licence-invalid",
      message: "the licence cannot be believed: it is signed as understudy-cluster-document, not as understudy-licence",
    });
  });
});

describe("licences: what is told", () => {
  it("use over the licences is told when it begins and when it ends, not while it lasts", async () => {
    await site.license(400, { users: 64 });
    const serve = (sipStations: number) => declareDevices(plane.dependencies, site.clusterId, { ...noDevices, sipStations });
    for (const count of [10, 60, 61, 65, 70]) await serve(count);
    await site.pass(3);
    await serve(10);
    await serve(65);
    expect(await site.told()).toEqual([
      "nine tenths of the licences are used: 0 of 2 nodes, 60 of 64 users and devices",
      "more is in use than licensed: 0 of 2 nodes, 65 of 64 users and devices; everything goes on, and a further licence puts it right",
      "more is in use than licensed: 0 of 2 nodes, 65 of 64 users and devices; everything goes on, and a further licence puts it right",
    ]);
  });

  it("the hourly sweep tells of every cluster once, however often it runs, and shows it on the timeline as the control plane's word", async () => {
    await site.license(20);
    plane.clock.nowMs += 15 * 86_400_000;
    const sweep = licencesHandler(plane.dependencies);
    for (let again = 0; again < 3; again += 1) await sweep();
    expect(await site.told()).toHaveLength(1);
    const page = await plane.dependencies.stores.events.page(site.clusterId, { limit: 10 });
    expect(page).toMatchObject({
      events: [{ reporter: controlPlaneId, severity: "warning", detail: { kind: "licence.expiring", daysLeft: 5 } }],
    });
  });

  it("a node cannot speak of licences", async () => {
    await site.license(400);
    const nodeId = await site.join("alpha");
    const at = new Date(plane.clock.nowMs).toISOString();
    const detail = { kind: "licence.lapsed", trial: false, lapsedAt: at };
    const event = { eventId: "forged" as EventId, clusterId: site.clusterId, reporter: nodeId, at, severity: "critical", detail };
    const receipt = await recordEvents(plane.dependencies, { clusterId: site.clusterId, nodeId }, { events: [event] });
    expect(receipt?.refused).toEqual([{ eventId: "forged", reason: "the control plane alone tells of licences" }]);
  });

  it("a cluster that cannot be settled keeps no other one waiting, and the sweep says so", async () => {
    await site.license(20);
    plane.clock.nowMs += 15 * 86_400_000;
    using failing = vi.spyOn(plane.dependencies.stores.licences, "listOfCluster").mockRejectedValueOnce(new Error("power cut"));
    await expect(licencesHandler(plane.dependencies)()).rejects.toThrow(
      "the licences, certificates or remains of 1 clusters or customers could not be settled",
    );
    expect(failing).toHaveBeenCalled();
    expect(await site.told()).toHaveLength(1);
  });
});

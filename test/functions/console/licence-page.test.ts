import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { LicensedSite } from "../licences/licensed-site.ts";
import { macA, macB } from "../licences/situations.ts";
import { csrfIn, type HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";
import { visitorWithRole } from "./visitor-with-role.ts";

let plane: ControlPlane;
let server: RealConsole;
let admin: HttpVisitor;
let viewer: HttpVisitor;
let site: LicensedSite;
let here: string;

beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  [admin, viewer] = [await visitorWithRole(server, "owner"), await visitorWithRole(server, "viewer")];
});
afterAll(async () => {
  await server.close();
  await plane.close();
});
beforeEach(async () => {
  site = await LicensedSite.open(plane);
  here = `/clusters/${site.clusterId}/licences`;
});

async function page(visitor = admin): Promise<string> {
  const answer = await visitor.request(here);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function send(form: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> {
  return admin.post(`${here}/${form}`, { csrf: csrfIn(await page()), ...fields });
}

describe("the page about a cluster's licences", () => {
  it("without a licence: what goes on, what is refused, and the trial; once started it is offered no more", async () => {
    expect(await page()).toMatch(/No licence<[\s\S]*What runs goes on[\s\S]*No node can join[\s\S]*Start the trial/);
    const answer = await send("trial");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, here]);
    const html = await page();
    expect(html).toMatch(/Trial: valid<[\s\S]*then in grace[\s\S]*0 of 8 nodes; 0 of 100000 users and devices/);
    expect(html).not.toContain("Start the trial");
  });

  it("a licence by the form: packs, part number, and the servers that it names, in any writing", async () => {
    await site.license(400);
    await site.join("alpha", macA);
    await site.join("beta", macB);
    const named = { primary: macB.toUpperCase(), secondaries: ` ${macA}, ` };
    expect((await send("issue", { nodes: "1", users: "256", days: "365", partNumber: "ILR-U256", ...named })).status).toBe(303);
    const html = await page();
    expect(html).toMatch(/2 of 3 nodes; 0 of 256 users and devices/);
    expect(html).toMatch(
      new RegExp(`beta<span class="sub number">${macB}</span></th>\\s*<td data-label="Role">primary<span class="sub">fixed by a licence`),
    );
    expect(html).toContain("ILR-U256");
    expect(html).not.toContain("Make it the primary");
  });

  it("what cannot be is refused with every problem", async () => {
    const answer = await send("issue", { nodes: "99", users: "64", days: "365", primary: "server-a" });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/Nodes: Too big[\s\S]*must be the hardware address of one network interface/);
  });

  it("devices by class: declared, added up, and what is over is said", async () => {
    await site.license(400, { users: 64 });
    const none = { softClients: "0", amplifierChannels: "0", ioModules: "0" };
    expect((await send("devices", { ipStations: "40", sipStations: "30", ...none })).status).toBe(303);
    expect(await page()).toMatch(/More in use than licensed[\s\S]*70 of 64 users and devices[\s\S]*name="ipStations"[^>]*value="40"/);
    expect((await send("devices", { ipStations: "-1", sipStations: "30", ...none })).status).toBe(400);
    expect((await send("devices", { ipStations: "1" })).status).toBe(400);
  });

  it("the primary by a press, where no licence names it", async () => {
    await site.license(400);
    await site.join("alpha");
    const beta = await site.join("beta");
    expect((await send("primary", { nodeId: beta })).status).toBe(303);
    expect(await page()).toMatch(/alpha<span[^>]*><\/span><\/th>\s*<td data-label="Role">secondary[\s\S]*Make alpha the primary/);
  });

  it("the file: downloaded, withdrawn, and refused when it comes back; another cluster's is refused", async () => {
    const { licence, signed } = await site.license(400);
    const file = await admin.request(`${here}/${licence.licenceId}/file`);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="${licence.licenceId}.licence"`);
    const content = await file.text();
    expect(content.trim()).toBe(signed);
    expect((await send("import", { signed: content })).status).toBe(303);
    expect((await send("withdraw", { licenceId: licence.licenceId })).status).toBe(303);
    expect(await page()).toContain("There is none yet.");
    expect(await (await send("import", { signed: content })).text()).toContain(
      `The licence ${licence.licenceId} was withdrawn from this cluster.`,
    );
    expect((await admin.request(`${here}/${licence.licenceId}/file`)).status).toBe(404);
    const other = await (await LicensedSite.open(plane)).license(400);
    expect((await send("import", { signed: other.signed })).status).toBe(400);
  });

  it("a viewer sees all of it, and no form", async () => {
    await site.license(400, { users: 64 });
    const html = await page(viewer);
    expect(html).toMatch(/0 of 2 nodes; 0 of 64 users and devices[\s\S]*IP stations/);
    expect(html.match(/<form/g)).toHaveLength(1);
    expect((await viewer.post(`${here}/trial`, { csrf: csrfIn(html) })).status).toBe(403);
  });

  it("a cluster that is not there", async () => {
    expect((await admin.request(`/clusters/clus_${"0".repeat(20)}/licences`)).status).toBe(404);
  });
});

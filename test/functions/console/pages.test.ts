import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import { administrator, type ConsoleServer, startConsoleServer } from "./console-server.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { MemoryConsoleData } from "./memory-console-data.ts";
import { clusterId, customerId, following, healthySample, nodeId, sampleDocument, sampleEvent, takenOverSample } from "./sample-cluster.ts";

const data = new MemoryConsoleData();
let server: ConsoleServer;
let dataDir = "";
let admin: HttpVisitor;
let viewer: HttpVisitor;
const look = { email: "viewer@example.com", password: "only for looking" };
const switchboard = `/clusters/${clusterId(1)}`;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "understudy-pages-"));
  server = await startConsoleServer({ data, dataDir });
  await server.letIn(look.email, look.password, "viewer");
  const acme = data.addCustomer("Acme");
  data.put(takenOverSample({ number: 1, nodeNames: ["node-a", "node-b", "node-c"] }), acme);
  data.put({ document: sampleDocument({ number: 2, name: "Empty hall", nodeNames: [] }), reports: [], presence: [], events: [] }, acme);
  [admin, viewer] = [new HttpVisitor(server.url), new HttpVisitor(server.url)];
  await admin.logIn("/", administrator);
  await viewer.logIn("/", look);
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function page(path: string, visitor = admin): Promise<string> {
  const response = await visitor.request(path);
  expect(response.status).toBe(200);
  return response.text();
}

describe("the cluster page", () => {
  it("tells the takeover in words, with its time to the millisecond", async () => {
    const html = await page(switchboard);
    expect(html).toContain("node-b took over group default: node-a silent for 480 ms, 2 of 3 votes");
    expect(html).toContain('datetime="2026-11-20T10:02:03.120Z"');
    expect(html.indexOf("took over")).toBeLessThan(html.indexOf("is silent"));
  });

  it("draws the ring: the dead node, the operational one with its group, the bypass dashed beside the way it replaces", async () => {
    const html = await page(switchboard);
    expect(html).toMatch(new RegExp(`id="node-${nodeId(10)}" class="node node-away node-tone-bad"`));
    expect(html).toMatch(new RegExp(`id="node-${nodeId(11)}" class="node node-operational node-tone-ok"`));
    expect(html).toMatch(/class="pill pill-group"[^>]*>\s*<rect[^>]*\/><text[^>]*>default</);
    expect(html).toMatch(new RegExp(`id="link-${nodeId(12)}" class="link-group link-group-bypass"`));
    expect(html).toContain("node-c synchronises with node-b in place of node-a.");
  });

  it("a snapshot on its way: an arc as long as what has arrived, and rate and time left in the table", async () => {
    const sample = healthySample({ number: 3, name: "Joining", nodeNames: ["old", "new"] });
    const progress = {
      donor: nodeId(30),
      step: "copying" as const,
      sources: 1,
      bytesDone: 45_000_000,
      bytesTotal: 180_000_000,
      bytesPerSecond: 9_000_000,
      etaSeconds: 15,
    };
    data.put({
      ...sample,
      reports: sample.reports.map((report, index) =>
        index === 0 ? report : { ...report, dataSets: [following({ phase: "receiving-snapshot", progress })] },
      ),
    });
    const html = await page(`/clusters/${clusterId(3)}`);
    expect(html).toContain('class="arc" r="62" pathLength="100" stroke-dasharray="25.0 100"');
    expect(html).toContain("42.9 of 171.7 MiB, 8.6 MiB/s, 15 s left");
  });

  it("the whole site is silent: nobody is shown as operational now, and who last was is named as that", async () => {
    const sample = healthySample({ number: 60, name: "Silent", nodeNames: ["one", "two"] });
    data.put({ ...sample, presence: sample.presence.map((presence) => ({ ...presence, connected: false })) }, data.customers[0]);
    const html = await page(`/clusters/${clusterId(60)}`);
    expect(html).not.toContain("node-operational");
    expect(html).toContain("one is unknown, last known as operational for default.");
    expect(html).toMatch(/<span class="chip">default<\/span>\s*<span class="sub">when last heard<\/span>/);
  });

  it("a long timeline: pages of fifty, older ones behind a link, a wrong place not found", async () => {
    const sample = healthySample({ number: 4, name: "Busy", nodeNames: ["one", "two"] });
    const events = Array.from({ length: 120 }, (_, index) =>
      sampleEvent(sample.document, nodeId(40), 1_000 - index, { kind: "loop.late", lateMs: index }),
    );
    data.put({ ...sample, events });
    const first = await page(`/clusters/${clusterId(4)}`);
    expect(first).toContain("late by 49 ms");
    expect(first).not.toContain("late by 50 ms");
    const older = /href="([^"]+)" rel="next"/.exec(first)?.[1] ?? "";
    const second = await page(older);
    expect(second).toContain("late by 50 ms");
    expect(second).toContain(`hx-get="/clusters/${clusterId(4)}/live?from=50"`);
    expect((await admin.request(`/clusters/${clusterId(4)}?from=nonsense`)).status).toBe(404);
  });

  it("no node yet: says so, and offers the token that the first one joins with", async () => {
    const html = await page(`/clusters/${clusterId(2)}`);
    expect(html).toContain("no node has joined yet");
    expect(html).toContain("New join token");
    expect(html).not.toContain('<svg class="ring-picture"');
  });

  it("a join token: its command is shown once, in the answer alone", async () => {
    const path = `/clusters/${clusterId(2)}`;
    const answer = await admin.post(`${path}/join-tokens`, { csrf: csrfIn(await page(path)) });
    expect(await answer.text()).toContain("understudy agent join --token understudy1.sample-token");
    expect(await page(path)).not.toContain("understudy1.sample-token");
  });

  it("a token for a node that is there already: what is to be run gives that one another certificate", async () => {
    const before = await page(switchboard);
    const [, nodeId = "", name = ""] = /<select name="nodeId"><option value="(node_\w+)">([^<]+)</.exec(before) ?? [];
    const answer = await (await admin.post(`${switchboard}/join-tokens`, { csrf: csrfIn(before), nodeId })).text();
    expect(answer).toContain("understudy agent certificate renew --config agent.yaml --token understudy1.sample-token");
    expect(answer).toContain(`Stop the agent of ${name},`);
  });
});

describe("live updates", () => {
  it("nothing has changed: 304; something has: the new picture", async () => {
    const first = await admin.request(`${switchboard}/live`);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{24}"$/);
    const again = await admin.request(`${switchboard}/live`, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    data.put(healthySample({ number: 1, nodeNames: ["node-a", "node-b", "node-c"] }));
    const changed = await admin.request(`${switchboard}/live`, { headers: { "if-none-match": etag } });
    expect(changed.status).toBe(200);
    data.put(takenOverSample({ number: 1, nodeNames: ["node-a", "node-b", "node-c"] }));
  });

  it("the session has ended: the poll is told to go to the login, and back from there", async () => {
    const answer = await new HttpVisitor(server.url).request(`${switchboard}/live`, {
      headers: { "hx-request": "true", "hx-current-url": `${server.url}${switchboard}?from=50` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("hx-redirect")).toBe(`/login?next=${encodeURIComponent(`${switchboard}?from=50`)}`);
  });
});

describe("forms", () => {
  it("without the session's token: refused, and nothing is changed", async () => {
    const before = data.customers.length;
    expect((await admin.post("/customers", { name: "Forged", csrf: "guessed" })).status).toBe(403);
    expect((await admin.post("/customers", { name: "Forged" })).status).toBe(403);
    expect((await admin.post("/logout", {})).status).toBe(403);
    expect(data.customers).toHaveLength(before);
  });

  it("a viewer: no form is shown, and one that is sent all the same is refused", async () => {
    const html = await page(switchboard, viewer);
    expect(html).not.toContain("New join token");
    const answer = await viewer.post(`${switchboard}/join-tokens`, { csrf: csrfIn(html) });
    expect(answer.status).toBe(403);
  });

  it("a new customer, then its cluster: each leads to its own page", async () => {
    const csrf = csrfIn(await page("/customers/new"));
    const made = await admin.post("/customers", { csrf, name: "Müller & Söhne (Nord)" });
    expect(made.status).toBe(303);
    const customerPage = made.headers.get("location") ?? "";
    expect(await page(customerPage)).toContain("Müller &amp; Söhne (Nord)");
    using created = vi.spyOn(data, "createCluster");
    const others = { shared: "billing", config: "settings", state: "calls", files: "prompts" };
    const fields = { csrf, name: "Telephony", dataSets: "crm, voicemail", ...others, services: "" };
    expect((await admin.post(`${customerPage}/clusters`, fields)).headers.get("location")).toMatch(/^\/clusters\/clus_/);
    expect(created.mock.lastCall?.[1]).toHaveProperty("dataSets", [
      { kind: "sqlite", name: "crm", local: [] },
      { kind: "sqlite", name: "voicemail", local: [] },
      { kind: "shared", name: "billing" },
      { kind: "config", name: "settings", group: "default", local: [] },
      { kind: "state", name: "calls", group: "default", local: [] },
      { kind: "files", name: "prompts", group: "default", local: [] },
    ]);
  });

  it("a name or a data set that cannot be: every problem at once, with what was typed", async () => {
    const csrf = csrfIn(await page("/customers/new"));
    const answer = await admin.post(`/customers/${customerId(1)}/clusters`, { csrf, name: "\u0007bell", dataSets: "CRM", services: "ok" });
    const html = await answer.text();
    expect(answer.status).toBe(400);
    expect(html).toMatch(/name: must start with a letter or digit.*dataSets 0 name: must hold only lower-case/);
    expect(html).toContain('value="CRM"');
  });

  it("a cluster that would not be sound: what is wrong with it stands on the page", async () => {
    using refused = vi.spyOn(data, "createCluster").mockRejectedValue(
      new Refusal("invalid-request", "the cluster would not be sound", "Correct what is listed.", {
        problems: [{ path: "groups.0.resources.1", message: "service phones is already a resource of group default" }],
      }),
    );
    const path = `/customers/${customerId(1)}/clusters`;
    const csrf = csrfIn(await page(`${path}/new`));
    const answer = await admin.post(path, { csrf, name: "Hall", dataSets: "", services: "phones, phones" });
    expect(refused).toHaveBeenCalledOnce();
    expect(await answer.text()).toContain("The cluster would not be sound. Service phones is already a resource of group default.");
  });

  it.each([
    { nodes: "3", days: "soon" },
    { nodes: "3", days: "-1" },
    { nodes: "99", days: "30" },
    { nodes: "", days: "30" },
  ])("a licence for $nodes nodes and $days days: refused, and none is issued", async (fields) => {
    using issued = vi.spyOn(data, "issueLicence");
    const csrf = csrfIn(await page(switchboard));
    const answer = await admin.post(`${switchboard}/licences`, { csrf, ...fields });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Go back and correct it.");
    expect(issued).not.toHaveBeenCalled();
  });

  it("a subscription: listed with its state; one that is refused: the cause and the next step", async () => {
    const path = `/customers/${customerId(1)}`;
    const csrf = csrfIn(await page(path));
    await admin.post(`${path}/subscriptions`, { csrf, protocol: "email", endpoint: "noc@example.com" });
    expect(await page(path)).toMatch(/noc@example\.com[\s\S]*Waiting for confirmation/);
    const refused = await admin.post(`${path}/subscriptions`, { csrf, protocol: "https", endpoint: "https://refused.example" });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/The endpoint is refused\.[\s\S]*Give another one\./);
  });

  it("a body too large: refused before it is read", async () => {
    expect((await admin.post("/customers", { name: "x".repeat(70_000) })).status).toBe(413);
  });
});

describe("hostile content", () => {
  it("markup in names, reasons and searches: shown as text everywhere", async () => {
    const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`;
    const sample = healthySample({ number: 6, name: evil, nodeNames: [evil, "node-b"] });
    const evilReport = { dataSets: [following({ problem: evil })] };
    data.put({
      ...sample,
      reports: sample.reports.map((report) => ({ ...report, ...evilReport, agentVersion: evil })),
      events: [sampleEvent(sample.document, nodeId(60), 5, { kind: "document.refused", reason: evil })],
    });
    const pages = [
      `/clusters/${clusterId(6)}`,
      `/clusters/${clusterId(6)}/live`,
      `/customers/${customerId(1)}`,
      `/?q=${encodeURIComponent(evil)}`,
      "/",
    ];
    for (const path of pages) {
      const html = await page(path);
      expect(html).not.toMatch(/<script>|<img/);
    }
    expect(await page(`/clusters/${clusterId(6)}`)).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    data.observations.pop();
  });

  it("every page: scripts and styles from files of this origin alone, and a policy that holds it to that", async () => {
    for (const path of ["/", switchboard, "/customers/new", "/logged-out"]) {
      const response = await admin.request(path);
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*/);
      const html = await response.text();
      expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|https?:\/\/(?!127)/);
      for (const [, source] of html.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)) {
        expect((await admin.request(source ?? "")).status).toBe(200);
      }
    }
  });

  it("what is not there: 404, with a way on", async () => {
    for (const path of [`/clusters/${clusterId(99)}`, "/clusters/nonsense", `/customers/${customerId(99)}`]) {
      const response = await admin.request(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("Back to the fleet");
    }
  });

  it("the store fails: the page says that the agents go on, the log has the reason, the visitor has its number only", async () => {
    using broken = vi.spyOn(data, "fleet").mockRejectedValue(new Error("the disk is gone"));
    const response = await admin.request("/");
    expect(broken).toHaveBeenCalledOnce();
    const html = await response.text();
    expect(response.status).toBe(500);
    expect(html).not.toContain("the disk is gone");
    expect(server.logged.join("\n")).toContain("the disk is gone");
    expect(html).toMatch(/the log has it as [0-9a-f-]{36}/);
  });
});

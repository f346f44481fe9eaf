import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, newCluster, startControlPlane, takeoverEvent } from "../control-plane.ts";
import { csrfIn, type HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";
import { visitorWithRole } from "./visitor-with-role.ts";

let plane: ControlPlane;
let server: RealConsole;
let operator: HttpVisitor;
let viewer: HttpVisitor;
let clusterId: ClusterId;
let customerId: CustomerId;
beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  clusterId = await newCluster(plane, 2);
  customerId = (await plane.dependencies.stores.clusters.find(clusterId))?.document.customerId as CustomerId;
  [operator, viewer] = [await visitorWithRole(server, "operator"), await visitorWithRole(server, "viewer")];
});
afterAll(async () => {
  await server.close();
  await plane.close();
});

async function page(path: string, visiting = operator): Promise<string> {
  const answer = await visiting.request(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function send(path: string, form: string, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await operator.post(`${path}/${form}`, { csrf: csrfIn(await page(path)), ...fields });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, path]);
  return page(path);
}

describe("the page about a cluster's alerts", () => {
  it("an incident that goes on: what it is, what was sent, and who takes it on; a viewer sees it and has no button", async () => {
    const [dead, heir] = ["a", "b"].map((letter) => `node_0000000000000000000${letter}`) as [NodeId, NodeId];
    const at = new Date(plane.clock.nowMs).toISOString();
    await recordEvent(plane.dependencies, { ...takeoverEvent(clusterId, heir, dead, 1), at });
    await alertsHandler(plane.dependencies)();
    const path = `/clusters/${clusterId}/alerts`;
    expect(await page(path, viewer)).toMatch(/Critical[\s\S]*Goes on[\s\S]*1 alert[\s\S]*incident 1, opened/);
    expect(await page(path, viewer)).not.toContain("Acknowledge");
    const html = await send(path, "acknowledge", { number: "1" });
    expect(html).toMatch(/acknowledged by operator@example\.com/);
    expect(html).not.toContain('aria-label="Acknowledge incident 1"');
    await send(path, "test", { level: "escalation" });
    expect(plane.alerts.published.at(-1)).toMatchObject({ subject: expect.stringMatching(/^TEST /) });
    expect(plane.alerts.topics.at(-1)).toMatch(/^escalation-/);
    expect((await viewer.post(`${path}/acknowledge`, { csrf: csrfIn(await page(path, viewer)), number: "1" })).status).toBe(403);
  });
});

describe("the page about how a customer is told", () => {
  it("settings and maintenance windows by their forms; what cannot be is refused with the reason", async () => {
    const path = `/customers/${customerId}/alerts`;
    expect(await send(path, "settings", { escalateAfterMinutes: "", silentAfterSeconds: "120" })).toMatch(/value="120"/);
    const planned = await send(path, "maintenance", { clusterId, from: "", hours: "4", reason: "new <switch>" });
    expect(planned).toContain("new &lt;switch&gt;");
    const windowId = /name="windowId" value="([^"]+)"/.exec(planned)?.[1] ?? "";
    expect(await send(path, "maintenance/end", { windowId })).toContain("None is planned.");
    expect(await send(path, "redrive")).toContain("Every subscriber took what it was sent");
    const refused = await operator.post(`${path}/settings`, { csrf: csrfIn(await page(path)), silentAfterSeconds: "1" });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("SilentAfterSeconds: Too small");
    expect(await page(path, viewer)).not.toContain("Plan</button>");
  });
});

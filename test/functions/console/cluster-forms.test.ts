import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import { administrator, type ConsoleServer, startConsoleServer } from "./console-server.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { MemoryConsoleData } from "./memory-console-data.ts";
import { clusterId, healthySample } from "./sample-cluster.ts";

/* What can be changed on a cluster's own page. */
const data = new MemoryConsoleData();
const look = { email: "viewer@example.com", password: "only for looking" };
const dataDir = mkdtempSync(join(tmpdir(), "understudy-forms-"));
let server: ConsoleServer;
let admin: HttpVisitor;
let viewer: HttpVisitor;

beforeAll(async () => {
  data.addCustomer("Acme");
  server = await startConsoleServer({ data, dataDir });
  await server.letIn(look.email, look.password, "viewer");
  [admin, viewer] = [new HttpVisitor(server.url), new HttpVisitor(server.url)];
  await Promise.all([admin.logIn("/", administrator), viewer.logIn("/", look)]);
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function page(path: string, visitor = admin): Promise<string> {
  const response = await visitor.request(path);
  expect(response.status, path).toBe(200);
  return response.text();
}

it("a folder: checked without a change, declared, changed; what cannot be is told beside what was typed", async () => {
  const path = `/clusters/${clusterId(80)}`;
  data.put(healthySample({ number: 80, name: "Folders", nodeNames: ["left", "right"] }), data.customers[0]);
  const send = async (fields: Record<string, string>) =>
    admin.post(`${path}/file-trees`, { csrf: csrfIn(await page(path)), version: "1", group: "default", step: "check", ...fields });
  const checked = await send({ name: "prompts", local: "*.tmp, cache/**" });
  expect(checked.status).toBe(200);
  expect(await checked.text()).toMatch(/Declare would add prompts: [^<]*stays on its node: \*\.tmp, cache\/\*\*[\s\S]*value="prompts"/);
  expect(await page(path)).toContain("none yet");
  expect((await send({ name: "prompts", local: "", step: "declare" })).headers.get("location")).toBe(`${path}#file-trees`);
  expect(await page(path, viewer)).toContain("all of it is replicated");
  expect(await page(path, viewer)).not.toContain('name="local"');
  expect(await (await send({ name: "prompts", local: "*.tmp" })).text()).toContain("Declare would change prompts");
  const refused = await send({ name: "My Prompts", local: "" });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringMatching(/name: must hold only[\s\S]*value="My Prompts"/)]);
  using conflict = vi.spyOn(data, "declareDataSet").mockRejectedValue(new Refusal("version-conflict", "it was changed", "Read it again."));
  expect(await (await send({ name: "prompts", step: "declare" })).text()).toContain("It was changed. Read it again.");
  expect(conflict.mock.lastCall?.[0]).toEqual({ clusterId: clusterId(80), expectedVersion: 1 });
});

it("two nodes without a witness: the choice of what they do when they lose each other, with its risk; for three there is none", async () => {
  const two = `/clusters/${clusterId(70)}`;
  const sample = healthySample({ number: 70, name: "Pair", nodeNames: ["left", "right"] });
  data.put(sample, data.customers[0]);
  expect(await page(two)).toMatch(
    /value="stop" checked[\s\S]*the loss of either node[\s\S]*value="survivor">[\s\S]*answers for the first being down/,
  );
  const answer = await admin.post(`${two}/when-alone`, { csrf: csrfIn(await page(two)), whenAlone: "survivor" });
  expect(answer.status).toBe(303);
  expect(await page(two)).toContain('value="survivor" checked');
  expect((await admin.post(`${two}/when-alone`, { csrf: csrfIn(await page(two)), whenAlone: "dice" })).status).toBe(400);
  const three = healthySample({ number: 71, name: "Three", nodeNames: ["left", "middle", "right"] });
  data.put(three, data.customers[0]);
  expect(await page(`/clusters/${clusterId(71)}`)).not.toContain("when-alone");
});

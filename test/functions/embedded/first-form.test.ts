import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageAccess } from "../../../functions/console/page-access.ts";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../../functions/embedded/embedded-cloud.ts";
import { clusterSchema, eventPageSchema } from "../../../shared/protocol/api-contract.ts";
import { HttpVisitor } from "../console/http-visitor.ts";

const fixture = join(import.meta.dirname, "first-form");
/** What the first version told, by route. */
const toldThen = JSON.parse(readFileSync(join(fixture, "answers.json"), "utf8")) as Record<string, object>;
const customerId = "cust_nzkn1g7wf949jq8f6ntw";
const clusterId = "clus_0s099oae09krauqrhrio";
/** There are more by now: what happened after the answers were taken, and what the present version adds. */
const eventsPath = `/v1/clusters/${clusterId}/events`;

let folder: string;
let cloud: EmbeddedCloud;
const errors: string[] = [];

const dataFile = (...path: readonly string[]) => readFileSync(join(folder, "data", ...path), "utf8");
const firstLogin = () =>
  JSON.parse(dataFile("first-login.json")) as { readonly email: string; readonly password: string; readonly apiKey: string };

async function start(): Promise<EmbeddedCloud> {
  const anyPort = { httpPort: 0, agentPort: 0, mqttPort: 0, snsPort: 0, snsTlsPort: 0 };
  const log = pino({ level: "error" }, { write: (line: string) => void errors.push(line) });
  return startEmbeddedCloud({ dataDir: join(folder, "data"), host: "127.0.0.1", publicHost: "127.0.0.1", ...anyPort, log });
}

async function call(
  method: string,
  path: string,
  init: { readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Response> {
  const headers = { authorization: `Bearer ${firstLogin().apiKey}`, "content-type": "application/json", ...init.headers };
  return fetch(cloud.addresses.api + path, { ...init, method, headers });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "understudy-first-form-"));
  execFileSync("tar", ["-xzf", join(fixture, "data.tgz"), "-C", folder]);
  cloud = await start();
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

describe("data that the first version of the control plane wrote", () => {
  it.each(Object.keys(toldThen).filter((path) => path !== eventsPath))("%s tells all that it told then", async (path) => {
    const answer = await call("GET", path);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject(toldThen[path] ?? {});
  });

  it("no event is lost, and a takeover of then says nothing of what it did not know", async () => {
    const { events } = eventPageSchema.parse(await (await call("GET", eventsPath)).json());
    const { events: eventsThen } = toldThen[eventsPath] as { readonly events: readonly { readonly eventId: string }[] };
    for (const event of eventsThen) expect(events.find(({ eventId }) => eventId === event.eventId)).toMatchObject(event);
    const takeovers = events.flatMap(({ detail }) => (detail.kind === "group.takeover" ? [detail.released] : []));
    expect(takeovers).toEqual([null, null]);
  });

  it("every other route that reads answers too", async () => {
    const document = (await (await call("GET", "/v1/openapi.json")).json()) as { readonly paths: Record<string, Record<string, unknown>> };
    const paths = Object.entries(document.paths).flatMap(([path, methods]) => ("get" in methods ? [path] : []));
    const readable = paths.map((path) => path.replace("{customerId}", customerId).replace("{clusterId}", clusterId));
    const answered = readable.filter((path) => !path.includes("{"));
    expect(answered.length).toBeGreaterThan(10);
    for (const path of answered) expect([path, (await call("GET", path)).status]).toEqual([path, 200]);
  });

  it("its owner logs in with the password of then, may do everything, and sees every page", async () => {
    const visitor = new HttpVisitor(cloud.addresses.console);
    const { response } = await visitor.logIn("/", firstLogin());
    expect(await response.text()).toContain("Harbour Hotel");
    const pages = Object.keys(pageAccess).flatMap((key) => (key.startsWith("GET ") ? [key.slice("GET ".length)] : []));
    const readable = pages
      .map((page) => page.replace(":customerId", customerId).replace(":clusterId", clusterId))
      .filter((page) => !page.includes(":"));
    expect(readable.length).toBeGreaterThan(8);
    for (const page of readable) expect([page, (await visitor.request(page)).status]).toEqual([page, 200]);
    const events = await (await visitor.request(`/clusters/${clusterId}`)).text();
    expect(events).toContain("took over group default");
  });

  it("is written on: a cluster of then changes, its document signed with the key of then; the next start has all of it", async () => {
    const before = clusterSchema.parse(await (await call("GET", `/v1/clusters/${clusterId}`)).json());
    const keys = [dataFile("signing-key.json"), dataFile("certificate-authority.pem")];
    const [group] = before.document.groups;
    if (group === undefined) throw new Error("the cluster of then has no group");
    const { name, ...settings } = group;
    const body = JSON.stringify({ ...settings, order: settings.order.toReversed() });
    const changed = await call("PUT", `/v1/clusters/${clusterId}/groups/${name}`, {
      headers: { "if-match": `"${before.document.version}"` },
      body,
    });
    expect([changed.status, await changed.json()]).toMatchObject([200, { document: { version: before.document.version + 1 } }]);
    await cloud.close();
    cloud = await start();
    const after = clusterSchema.parse(await (await call("GET", `/v1/clusters/${clusterId}`)).json());
    expect(after.document.groups[0]?.order).toEqual(group?.order.toReversed());
    expect([dataFile("signing-key.json"), dataFile("certificate-authority.pem")]).toEqual(keys);
    expect(errors).toEqual([]);
  });
});

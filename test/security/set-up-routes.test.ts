import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../functions/embedded/embedded-cloud.ts";
import { clusterSchema, customerSchema } from "../../shared/protocol/api-contract.ts";
import { enrolRequest, newIdentity, secretOf } from "../functions/control-plane.ts";

let folder = "";
let cloud: EmbeddedCloud;
let key = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-set-up-"));
  const ports = { httpPort: 0, agentPort: 0, mqttPort: 0, snsPort: 0, snsTlsPort: 0 };
  cloud = await startEmbeddedCloud({
    dataDir: join(folder, "data"),
    host: "127.0.0.1",
    publicHost: "127.0.0.1",
    ...ports,
    log: pino({ level: "silent" }),
  });
  key = (JSON.parse(await readFile(cloud.addresses.firstLogin, "utf8")) as { apiKey: string }).apiKey;
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true });
});

/** The path goes out as it stands: `fetch` would tidy it up first. */
function ask(
  base: string,
  path: string,
  options: { readonly method?: string; readonly body?: string; readonly isStranger?: boolean } = {},
) {
  const url = new URL(base);
  const { method = "GET", body, isStranger = false } = options;
  const headers = { ...(isStranger ? {} : { authorization: `Bearer ${key}` }), "content-type": "application/json" };
  const common = { host: url.hostname, port: url.port, path, method, headers, agent: false } as const;
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = url.protocol === "https:" ? requestHttps({ ...common, rejectUnauthorized: false }) : requestHttp(common);
    outgoing.on("error", reject).on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
  });
}

const names = [
  "setup",
  "set-up",
  "install",
  "wizard",
  "SetupWizard.aspx",
  "first-run",
  "signup",
  "admin/setup",
  "v1/setup",
  "v1/first-login",
];
const spelled = (name: string): readonly string[] => [
  `/${name}`,
  `/${name}/`,
  `/${name}/x`,
  `//${name}`,
  `/./${name}`,
  `/x/../${name}`,
  `/%2f${name}`,
  `/${name}%2f`,
  `/${name}%00`,
  `/${name}.`,
  `/${name};x=1`,
  `/${name.toUpperCase()}`,
  `/${name}?step=1`,
  `/${encodeURIComponent(name)}/%2e%2e/${name}`,
];

const json = async (path: string, body: object) =>
  JSON.parse((await ask(cloud.addresses.agentApi, path, { method: "POST", body: JSON.stringify(body) })).text) as unknown;

describe("after set-up", () => {
  it("no spelling of a set-up path leads anywhere, at no listener", async () => {
    const paths = names.flatMap(spelled);
    for (const base of [cloud.addresses.console, cloud.addresses.agentApi, cloud.addresses.sns]) {
      for (const path of paths) {
        const { status } = await ask(base, path);
        expect([400, 404], `${base}${path}: ${status}`).toContain(status);
      }
    }
    for (const path of names) {
      const { status } = await ask(cloud.addresses.agentApi, `/${path}`, {
        method: "POST",
        body: '{"email":"a@example.com","password":"longenough"}',
      });
      expect([400, 404], path).toContain(status);
    }
  });

  it("100 joins at once with one token, over TLS: one node, and 99 refusals", async () => {
    const { customerId } = customerSchema.parse(await json("/v1/customers", { name: "Adler" }));
    const { clusterId } = clusterSchema.parse(await json(`/v1/customers/${customerId}/clusters`, { name: "hall" })).document;
    await json(`/v1/clusters/${clusterId}/licences`, { nodes: 2, users: 64, validUntil: new Date(Date.now() + 86_400_000).toISOString() });
    const { token } = (await json(`/v1/clusters/${clusterId}/join-tokens`, {})) as { token: string };
    const callers = await Promise.all(Array.from({ length: 100 }, () => newIdentity()));
    const answers = await Promise.all(
      callers.map((identity, index) =>
        ask(cloud.addresses.agentApi, "/v1/enrol", {
          method: "POST",
          isStranger: true,
          body: JSON.stringify(enrolRequest(secretOf(token), identity, `node ${index}`, 7_000 + index * 2)),
        }),
      ),
    );
    expect(answers.filter(({ status }) => status >= 200 && status < 300).length).toBe(1);
    expect(
      new Set(
        answers.filter(({ status }) => status >= 300).map(({ text }) => (JSON.parse(text) as { error: { code: string } }).error.code),
      ),
    ).toEqual(new Set(["token-used"]));
  });
});

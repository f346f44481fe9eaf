import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readEnrolledNode } from "../../../agent/cloud/enrolled-node.ts";
import { enrol } from "../../../agent/cloud/enrolment.ts";
import { renewIdentity } from "../../../agent/cloud/renew-identity.ts";
import { agentSettingsSchema } from "../../../agent/config/agent-settings.ts";
import { openDataDirectory } from "../../../agent/storage/data-directory.ts";
import { certificateWarnings } from "../../../functions/embedded/authority-watch.ts";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../../functions/embedded/embedded-cloud.ts";

const dayMs = 86_400_000;
let folder: string;
let cloud: EmbeddedCloud;

async function start(): Promise<void> {
  const anyPort = { httpPort: 0, agentPort: 0, mqttPort: 0, snsPort: 0, snsTlsPort: 0 };
  const hosts = { host: "127.0.0.1", publicHost: "127.0.0.1", subscriberNetwork: ["127.0.0.0/8"] };
  cloud = await startEmbeddedCloud({ dataDir: join(folder, "data"), ...hosts, ...anyPort, log: pino({ level: "silent" }) });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  await start();
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true });
});

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const { apiKey } = JSON.parse(await readFile(cloud.addresses.firstLogin, "utf8")) as { apiKey: string };
  const response = await fetch(cloud.addresses.api + path, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

it("the end of the authority is told two years before, that of the server's certificate a month", () => {
  const until = { authorityUntilMs: 1_000 * dayMs, serverUntilMs: 400 * dayMs };
  expect(certificateWarnings(until, 0)).toEqual([]);
  expect(certificateWarnings(until, 271 * dayMs)).toEqual([expect.stringMatching(/authority ends in 729 days: .*give it to every node/)]);
  expect(certificateWarnings(until, 1_001 * dayMs)).toEqual([
    expect.stringMatching(/authority has ended/),
    expect.stringMatching(/its API has ended, and agents refuse it: start the control plane anew/),
  ]);
});

it("another authority: a node that is given a token for itself believes it from then on, and is the same node", async () => {
  const { customerId } = await post("/v1/customers", { name: "Hotel" });
  const { document } = (await post(`/v1/customers/${String(customerId)}/clusters`, { name: "front desk" })) as {
    document: { clusterId: string };
  };
  await post(`/v1/clusters/${document.clusterId}/trial`, {});
  const tokenOf = async (body: object) => String((await post(`/v1/clusters/${document.clusterId}/join-tokens`, body))["token"]);
  const settings = agentSettingsSchema.parse({ name: "node-a", dataDir: join(folder, "node"), listen: { host: "127.0.0.1" } });
  const paths = await openDataDirectory(settings.dataDir);
  const node = await enrol({ token: await tokenOf({}), name: "node-a", settings, paths, waitsForLicence: false, onWaiting: () => {} });

  await cloud.close();
  await rm(join(folder, "data", "certificate-authority.pem"));
  await start();
  await renewIdentity({ token: await tokenOf({ nodeId: node.nodeId }), settings, paths, node });
  const after = await readEnrolledNode(paths.identity);
  expect(after).toMatchObject({ nodeId: node.nodeId, signingKeys: node.signingKeys });
  expect(after?.cloud.caPem).not.toBe(node.cloud.caPem);
  expect(after?.cloud.mqttUrl).not.toBe(node.cloud.mqttUrl);
}, 60_000);

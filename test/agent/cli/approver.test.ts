import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { understudyProgram } from "../../../agent/cli/program.ts";
import { type EmbeddedCloud, startEmbeddedCloud } from "../../../functions/embedded/embedded-cloud.ts";
import { clusterSchema, customerSchema } from "../../../shared/protocol/api-contract.ts";
import { decodeJoinToken } from "../../../shared/protocol/join-token.ts";

let folder: string;
let cloud: EmbeddedCloud;
let apiKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  cloud = await startEmbeddedCloud({
    dataDir: join(folder, "data"),
    host: "127.0.0.1",
    publicHost: "127.0.0.1",
    httpPort: 0,
    agentPort: 0,
    mqttPort: 0,
    snsPort: 0,
    snsTlsPort: 0,
    subscriberNetwork: ["127.0.0.0/8"],
    log: pino({ level: "error" }),
  });
  ({ apiKey } = JSON.parse(await readFile(cloud.addresses.firstLogin, "utf8")) as { apiKey: string });
});
afterAll(async () => {
  await cloud.close();
  await rm(folder, { recursive: true });
});

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(cloud.addresses.api + path, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

const seenIn = (text: string): readonly string[] => ["--seen", /--seen (\w+)/.exec(text)?.[1] ?? ""];

it("an approver's key is made, becomes a cluster's, and signs for what is told in words; nobody else's does", async () => {
  const { customerId } = customerSchema.parse(await call("POST", "/v1/customers", { name: "Hotel" }));
  const { document } = clusterSchema.parse(await call("POST", `/v1/customers/${customerId}/clusters`, { name: "front desk" }));
  const { token } = (await call("POST", `/v1/clusters/${document.clusterId}/join-tokens`, {})) as { token: string };
  const decoded = decodeJoinToken(token);
  if (!decoded.ok) throw new Error(decoded.reason);
  await writeFile(join(folder, "api-key"), `${apiKey}\n`);
  const at = ["--cluster", document.clusterId, "--cloud", decoded.token.apiUrl, "--cloud-ca-sha256", decoded.token.apiCaSha256 ?? "", "--api-key-file", join(folder, "api-key")]; // biome-ignore format: one place
  const approver = async (command: string, key: string, ...more: readonly string[]): Promise<string> => {
    const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      await understudyProgram().parseAsync(["approver", command, "--key", join(folder, key), ...more], { from: "user" });
      return printed.mock.calls.map(([text]) => String(text)).join("");
    } finally {
      printed.mockRestore();
    }
  };

  expect(await approver("make", "key")).toMatch(/^Key [\w-]{43} is in /);
  expect((await stat(join(folder, "key"))).mode & 0o777).toBe(0o600);
  await expect(approver("make", "key")).rejects.toMatchObject({
    code: "approval-refused",
    message: expect.stringMatching(/EEXIST/) as string,
  });
  const first = await approver("show", "key", ...at);
  expect(first).toMatch(/Approver: none.*Nothing of it was signed on this machine yet/s);
  expect(await approver("begin", "key", ...at, ...seenIn(first))).toMatch(/^Approval 1 is signed, for version 1/);

  const group = { order: [], resources: [{ kind: "service", name: "bell" }], failback: { mode: "manual" } };
  await fetch(`${cloud.addresses.api}/v1/clusters/${document.clusterId}/groups/default`, {
    method: "PUT",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", "if-match": '"2"' },
    body: JSON.stringify(group),
  });
  const shown = await approver("show", "key", ...at);
  expect(shown).toMatch(/Since version 1.*service bell starts where the group runs.*groups\.default\.resources: \[\{.*"bell"/s);
  await approver("make", "other");
  await expect(approver("approve", "other", ...at, ...seenIn(shown))).rejects.toMatchObject({
    code: "approval-refused",
    message: expect.stringMatching(/The approver of this cluster has key/) as string,
  });
  expect(await approver("approve", "key", ...at, ...seenIn(shown))).toMatch(/^Approval 2 is signed, for version 3/);
  expect(await call("GET", `/v1/clusters/${document.clusterId}/approval`)).toMatchObject({ waiting: null, document: { version: 4 } });
});

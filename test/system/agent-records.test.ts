import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import { testNodeId } from "../agent/cluster-signer.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { freePorts } from "../demo/free-ports.ts";

const names = ["node-a", "node-b", "node-c"];
const folder = mkdtempSync(join(tmpdir(), "us-records-"));
const dataSet = "forwarding";
const tokenFile = join(folder, "token");

let cluster: LocalCluster;
let ports: readonly number[];

beforeAll(async () => {
  ports = await freePorts(names.length);
  const wanted = ports.values();
  const settingsOf = () => ({ records: { port: wanted.next().value ?? 0, tokenFile } });
  const [state, configuration] = ["default", "settings"] as [GroupName, GroupName];
  const dataSets = [
    { kind: "state" as const, name: dataSet, group: state, local: [] },
    { kind: "config" as const, name: "configuration", group: configuration, local: [] },
  ];
  const [first, second, third] = names.map((_, index) => testNodeId(index + 1)) as [NodeId, NodeId, NodeId];
  const failback = { mode: "manual" as const };
  const groups = [
    { name: state, order: [first, second, third], resources: [{ kind: "service" as const, name: "sample" }], failback },
    // Nothing follows it but the right to write.
    { name: configuration, order: [second, third, first], resources: [], failback },
  ];
  cluster = await LocalCluster.create(names.length, { dataSets, groups }, { settingsOf });
  // One after the other: all of them share the one file with the token, and the first makes it.
  for (const name of names) await cluster.start(name);
}, 120_000);
afterAll(async () => {
  await cluster.end();
  rmSync(folder, { recursive: true });
});

/** As an application on the node's own server does. */
function ask(name: string, method: string, key: string, value?: unknown, of = dataSet): Promise<Response> {
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}` };
  const body = value === undefined ? {} : { body: JSON.stringify(value) };
  return fetch(`http://127.0.0.1:${ports[names.indexOf(name)]}/v1/datasets/${of}/records/${key}`, { method, headers, ...body });
}

async function valueOn(name: string, key: string, of = dataSet): Promise<unknown> {
  const response = await ask(name, "GET", key, undefined, of);
  return response.status === 200 ? ((await response.json()) as { readonly value: unknown }).value : response.status;
}

function records(name: string, command: string, ...args: string[]) {
  return cluster.command(name, `records ${command}`, "--data-set", dataSet, ...args);
}

function configuration(name: string, command: string, ...args: string[]) {
  return cluster.command(name, `records ${command}`, "--data-set", "configuration", ...args);
}

/** Counts up in a record of the configuration for as long as the node takes it; the last number that it took. */
async function countOn(name: string): Promise<number> {
  for (let number = 1; ; number += 1) if ((await ask(name, "PUT", "counter", number, "configuration")).status !== 200) return number - 1;
}

/** Who holds the group of the configuration, as a node says. */
async function writerAsOf(name: string): Promise<string | null | undefined> {
  return (await cluster.status(name)).groups.find((group) => group.name === "settings")?.holderName;
}

it("configuration is written where its own group is, whoever runs the service; another node is made its writer, with all that was written", async () => {
  for (const name of names) await cluster.until(name, ({ dataSets }) => dataSets.every(({ phase }) => phase === "following"));
  await expect.poll(() => writerAsOf("node-b"), { timeout: 20_000 }).toBeTruthy();
  const writer = (await writerAsOf("node-b")) ?? "";
  const [other = ""] = names.filter((name) => name !== writer);
  await expect
    .poll(async () => (await configuration(writer, "put", "timezone", '"UTC"', "--replicated")).code, { timeout: 20_000 })
    .toBe(0);
  expect(await configuration(writer, "put", "timezone", '"UTC"', "--ttl", "5")).toMatchObject({ code: 24 });
  const counting = countOn(writer);
  const moved = () => cluster.command(writer, "switchover", "--group", "settings", "--to", other);
  await expect.poll(async () => (await moved()).code, { timeout: 30_000 }).toBe(0);
  await expect.poll(() => writerAsOf(writer), { timeout: 10_000 }).toBe(other);
  // Whatever was taken before it was refused is there, whoever was asked: nothing is written once it has been counted.
  expect(await valueOn(other, "counter", "configuration")).toBe(await counting);
  const told = await configuration(other, "get", "timezone", "--json");
  expect(JSON.parse(told.stdout)).toMatchObject({ key: "timezone", value: "UTC" });
  expect(await configuration(writer, "delete", "timezone")).toMatchObject({
    code: 24,
    stderr: expect.stringContaining(`is written on ${other}`) as string,
  });
  expect(await configuration(other, "delete", "timezone")).toMatchObject({ code: 0, stderr: "" });
}, 120_000);

it("records are written where the group is and read everywhere; a frozen writer's write is refused when it thaws, and its successor's stands", async () => {
  const holder = await cluster.operational();
  const [standby = "", third = ""] = names.filter((name) => name !== holder);
  for (const name of names) await cluster.until(name, ({ dataSets }) => dataSets.every(({ phase }) => phase === "following"));

  const written = await records(holder, "put", "100", '{"to":"200"}', "--replicated", "--json");
  expect(written).toMatchObject({ code: 0, stderr: "" });
  const { record, commit } = JSON.parse(written.stdout) as { record: { version: string }; commit: { heldBy: unknown[] } };
  expect(commit.heldBy.length).toBeGreaterThanOrEqual(2);
  for (const name of names) await expect.poll(() => valueOn(name, "100"), { timeout: 5_000 }).toEqual({ to: "200" });
  const refused = await records(standby, "put", "100", '{"to":"300"}');
  expect(refused).toMatchObject({ code: 24, stderr: expect.stringContaining(`data set ${dataSet} is written on ${holder}`) as string });
  expect(refused.stderr).toMatch(new RegExp(`Next step: Write on ${holder} \\(127\\.0\\.0\\.1\\)`));
  const sets = await cluster.command(standby, "records sets");
  expect(sets.stdout).toMatch(new RegExp(`${dataSet} +state +default +${holder} \\(127\\.0\\.0\\.1\\)`));
  expect((await ask(holder, "PUT", "short?ttlSeconds=1", 1)).status).toBe(200);

  await cluster.until(standby, ({ groups }) => groups.every(({ ineligible }) => ineligible === null), 30_000);
  await cluster.until(third, ({ groups }) => groups.every(({ ineligible }) => ineligible === null), 30_000);
  cluster.agent(holder).kill("SIGSTOP");
  const successor = await cluster.answersFrom([standby, third], 20_000);
  await cluster.until(successor, ({ groups }) => groups[0]?.state === "operational");
  expect(await valueOn(successor, "100")).toEqual({ to: "200" });
  const after = await records(successor, "put", "100", '{"to":"400"}', "--if-version", record.version);
  expect(after).toMatchObject({ code: 0, stderr: "" });
  // It waits in the frozen agent's socket, and is the first thing that the agent finds.
  const late = ask(holder, "PUT", "100", { to: "late" });
  cluster.agent(holder).kill("SIGCONT");
  expect((await late).status).toBe(409);
  for (const name of names) await expect.poll(() => valueOn(name, "100"), { timeout: 10_000 }).toEqual({ to: "400" });

  // What has expired is deleted by whoever writes now, everywhere.
  const list = await records(successor, "list", "--json");
  expect(JSON.parse(list.stdout)).toMatchObject({ records: [{ key: "100" }], more: false });
  await cluster.until(holder, ({ groups }) => groups[0]?.holderName === successor);
  const moved = await records(holder, "put", "100", "1");
  expect(moved).toMatchObject({ code: 24, stderr: expect.stringContaining(`is written on ${successor}`) as string });
}, 120_000);

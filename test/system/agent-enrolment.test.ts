import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { decodeJoinToken, encodeJoinToken } from "../../shared/protocol/join-token.ts";
import { agentProgram } from "../agent/processes/agent-program.ts";
import { ApiClient } from "../demo/api-client.ts";
import { EmbeddedCloud } from "../demo/embedded-cloud.ts";
import { freePorts } from "../demo/free-ports.ts";
import { waitFor } from "../demo/waiting.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function understudy(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [agentProgram, "agent", ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

function isEnrolled(dataDir: string): boolean {
  return existsSync(join(dataDir, "identity.json"));
}

/** The command line of `understudy agent join` against a real control plane. */
describe("agent join", () => {
  const folder = mkdtempSync(join(tmpdir(), "understudy-enrolment-"));
  let cloud: EmbeddedCloud;
  let api: ApiClient;
  let customerId = "";
  let servers = 0;

  const newServer = async (heartbeatPort?: number) => {
    servers += 1;
    const [free = 0, replicationPort = 0] = await freePorts(2);
    const config = join(folder, `server-${servers}.yaml`);
    const dataDir = join(folder, `server-${servers}`);
    const listen = { host: "127.0.0.1", heartbeatPort: heartbeatPort ?? free, replicationPort };
    writeFileSync(config, stringify({ name: `node-${servers}`, dataDir, listen }));
    return {
      config,
      dataDir,
      join: (token: string, ...more: string[]) => understudy("join", "--token", token, "--config", config, ...more),
    };
  };
  const newCluster = async (name: string, licensedNodes = 3): Promise<string> => {
    const { document } = await api.createCluster(customerId, { name });
    await api.issueLicence(document.clusterId, licensedNodes);
    return document.clusterId;
  };
  const newToken = async (clusterId: string, body = {}): Promise<string> => (await api.createJoinToken(clusterId, body)).token;

  beforeAll(async () => {
    const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0] = await freePorts(5);
    cloud = new EmbeddedCloud(join(folder, "cloud"), { http, agent, mqtt, sns, snsTls });
    await cloud.start();
    api = new ApiClient(cloud.addresses.api, cloud.firstLogin().apiKey);
    ({ customerId } = await api.createCustomer("Enrolment tests"));
  });
  afterAll(async () => {
    await cloud.stop();
    rmSync(folder, { recursive: true });
  });

  it("a good token: enrolled, with key and documents on disk for the agent's user alone", async () => {
    const server = await newServer();
    const clusterId = await newCluster("Good token");
    const { code, stdout } = await server.join(await newToken(clusterId), "--json");
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, name: "node-1", clusterId });
    const files = readdirSync(server.dataDir).toSorted();
    expect(files).toEqual(["cluster-document.jws", "identity.json", "node-key.pem", "preflight.json"]);
    expect((statSync(join(server.dataDir, "node-key.pem")).mode & 0o777).toString(8)).toBe("600");
    expect((statSync(server.dataDir).mode & 0o777).toString(8)).toBe("700");
  });

  it("joined already: says what it is, changes nothing, and refuses a token of another cluster", async () => {
    const server = await newServer();
    const clusterId = await newCluster("Joined twice");
    const token = await newToken(clusterId);
    await server.join(token, "--name", "front-desk");
    const before = readFileSync(join(server.dataDir, "identity.json"), "utf8");
    expect(await server.join(token)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^front-desk .* is already a node of cluster/) as string,
    });
    const other = await server.join(await newToken(await newCluster("Another cluster")));
    expect(other).toMatchObject({ code: 13, stderr: expect.stringMatching(/already node front-desk .*\nNext step: To move it/) as string });
    expect(readFileSync(join(server.dataDir, "identity.json"), "utf8")).toBe(before);
  });

  it("a used token, an unknown one, an expired one, and nonsense: each names its cause and the next step", async () => {
    const clusterId = await newCluster("Bad tokens");
    const token = await newToken(clusterId);
    await (await newServer()).join(token);
    const server = await newServer();
    expect(await server.join(token)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/has been used already.*\nNext step: Create a new join token/s) as string,
    });
    const decoded = decodeJoinToken(token);
    if (!decoded.ok) throw new Error(decoded.reason);
    const unknown = encodeJoinToken({ ...decoded.token, secret: "x".repeat(43) });
    expect(await server.join(unknown)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/has not issued this join token/) as string,
    });
    const short = await newToken(clusterId, { lifetimeSeconds: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await server.join(short)).toMatchObject({ code: 4, stderr: expect.stringMatching(/was valid until/) as string });
    expect(await server.join("us1.nonsense")).toMatchObject({
      code: 12,
      stderr: expect.stringMatching(/not a join token.*\nNext step:/s) as string,
    });
    expect(isEnrolled(server.dataDir)).toBe(false);
    expect(await server.join(await newToken(await newCluster("A good one at last")))).toMatchObject({ code: 0 });
  });

  it("a licence for too few nodes: refused with the reason, and the same token goes on when the licence is extended", async () => {
    const clusterId = await newCluster("Small licence", 1);
    const first = await newServer();
    await first.join(await newToken(clusterId));
    // The first node runs, so that the cloud hears that it knows of each change of membership before the next.
    const agent = spawn(process.execPath, [agentProgram, "agent", "run", "--config", first.config], { stdio: "ignore" });
    const server = await newServer();
    const token = await newToken(clusterId);
    const refused = await server.join(token);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringMatching(/licen[cs]e/i) as string });
    expect(isEnrolled(server.dataDir)).toBe(false);
    const args = [agentProgram, "agent", "join", "--token", token, "--config", server.config, "--wait"];
    const waiting = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    const ended = new Promise((resolve) => waiting.once("exit", resolve));
    const said = await new Promise<string>((resolve) => waiting.stderr.once("data", (text: Buffer) => resolve(text.toString())));
    expect(said).toMatch(/licences allow 1 node; .* already has 1.*Waiting/s);
    await api.issueLicence(clusterId, 1);
    expect(await ended).toBe(0);
    expect(isEnrolled(server.dataDir)).toBe(true);
    agent.kill("SIGTERM");
    expect(await new Promise((resolve) => agent.once("exit", resolve))).toBe(0);
  });

  it("a port in use: told before the token is spent", async () => {
    const clusterId = await newCluster("Port in use");
    const token = await newToken(clusterId);
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
    });
    const refused = await (await newServer(port)).join(token);
    holder.close();
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(new RegExp(`127.0.0.1:${port}: the port is in use.*\nNext step`, "s")) as string,
    });
    expect(await (await newServer()).join(token)).toMatchObject({ code: 0 });
  });

  it("a server that is not fit: preflight says why, join refuses, both change nothing; at an operator's word it joins, and the cluster is told", async () => {
    const clusterId = await newCluster("Not fit");
    const token = await newToken(clusterId);
    const server = await newServer();
    const database = join(folder, "no-database.sqlite");
    writeFileSync(database, "this is not a database ".repeat(200));
    writeFileSync(
      server.config,
      stringify({ ...(parse(readFileSync(server.config, "utf8")) as object), dataSets: { crm: { path: database } } }),
    );
    const looked = await understudy("preflight", "--config", server.config, "--token", token, "--json");
    expect(looked).toMatchObject({ code: 35, stderr: expect.stringMatching(/databases \(crm\): .*is not an SQLite database/) as string });
    const { results } = JSON.parse(looked.stdout) as { results: { id: string; outcome: string; seen: string }[] };
    expect(results.filter(({ outcome }) => outcome === "fail").map(({ id }) => id)).toEqual(["databases"]);
    expect(results.find(({ id }) => id === "clock")?.seen).toMatch(/agrees with|compared with/);
    expect(existsSync(server.dataDir)).toBe(false);
    expect(await server.join(token)).toMatchObject({
      code: 35,
      stderr: expect.stringMatching(/Next step: .*--despite-preflight/) as string,
    });
    expect(isEnrolled(server.dataDir)).toBe(false);
    expect(await server.join(token, "--despite-preflight")).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 failed/) as string });

    const agent = spawn(process.execPath, [agentProgram, "agent", "run", "--config", server.config], { stdio: "ignore" });
    const told = await waitFor("the event and the report", 15_000, async () => {
      const { events } = await api.events(clusterId);
      const event = events.find(({ detail }) => detail.kind === "preflight.overridden");
      const { nodes } = await api.preflight(clusterId);
      const report = nodes[0]?.report ?? null;
      return event === undefined || report === null ? undefined : { detail: event.detail, report };
    });
    expect(told.detail).toEqual({ kind: "preflight.overridden", checks: ["databases"] });
    expect(told.report.findings[0]).toMatchObject({ id: "databases", outcome: "fail", nextStep: expect.any(String) as string });
    expect(await understudy("preflight", "--config", server.config)).toMatchObject({ stdout: expect.stringMatching(/is the running agent's/) as string }); // biome-ignore format: one call
    agent.kill("SIGTERM");
    expect(await new Promise((resolve) => agent.once("exit", resolve))).toBe(0);
  });

  it("an impostor at the control plane's address: nothing is told to it", async () => {
    const decoded = decodeJoinToken(await newToken(await newCluster("Impostor")));
    if (!decoded.ok) throw new Error(decoded.reason);
    const pinned = encodeJoinToken({ ...decoded.token, apiCaSha256: "ab".repeat(32) });
    expect(await (await newServer()).join(pinned)).toMatchObject({
      code: 15,
      stderr: expect.stringMatching(/does not show the certificate/) as string,
    });
  });

  it("the control plane is away: says so, and that the token is unspent; with it back the same token works", async () => {
    const token = await newToken(await newCluster("Cloud away"));
    await cloud.stop();
    const server = await newServer();
    expect(await server.join(token)).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/cannot be reached.*\nNext step: .*has not been used/s) as string,
    });
    expect(isEnrolled(server.dataDir)).toBe(false);
    await cloud.start();
    expect(await server.join(token)).toMatchObject({ code: 0 });
  });

  it("settings with problems, and an agent that is not enrolled: exit codes of their own", async () => {
    expect(await understudy("join", "--token", "x", "--config", "/nowhere.yaml")).toMatchObject({ code: 2 });
    const server = await newServer();
    expect(await understudy("run", "--config", server.config)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/understudy agent join/) as string,
    });
    expect(await understudy("status", "--config", server.config)).toMatchObject({ code: 9 });
  });
});

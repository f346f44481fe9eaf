import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { requireIdentity } from "../../agent/link/identity.ts";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import type { CertificateStanding } from "../../agent/node/certificate-keeper.ts";
import { dataPaths } from "../../agent/storage/data-directory.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import { newestFingerprint } from "../../shared/domain/membership/certificates.ts";
import { agentProgram } from "../agent/processes/agent-program.ts";
import { ApiClient } from "../demo/api-client.ts";
import { EmbeddedCloud } from "../demo/embedded-cloud.ts";
import { freePorts } from "../demo/free-ports.ts";
import { waitFor } from "../demo/waiting.ts";

const patienceMs = 30_000;

interface Server {
  readonly name: string;
  readonly config: string;
  readonly dataDir: string;
  readonly client: LocalClient;
  agent: ChildProcess | null;
}

function understudy(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [agentProgram, "agent", ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${args.join(" ")}: ${stderr}`));
    });
  });
}

describe("system: the certificates of agents, with a real control plane", () => {
  const folder = mkdtempSync(join(tmpdir(), "us-"));
  const servers: Server[] = [];
  let cloud: EmbeddedCloud;
  let api: ApiClient;
  let clusterId: ClusterId;

  const [first, second] = [0, 1].map((index) => (): Server => {
    const server = servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return server;
  }) as [() => Server, () => Server];
  const run = (server: Server): void => {
    server.agent = spawn(process.execPath, [agentProgram, "agent", "run", "--config", server.config], { stdio: "ignore" });
  };
  const end = async (server: Server): Promise<void> => {
    const { agent } = server;
    server.agent = null;
    if (agent === null) return;
    const ended = new Promise((resolve) => agent.once("exit", resolve));
    agent.kill("SIGTERM");
    await ended;
  };
  const memberOf = async (server: Server) => {
    const { nodes } = (await api.cluster(clusterId)).document;
    const member = nodes.find(({ name }) => name === server.name);
    if (member === undefined) throw new Error(`${server.name} is no member`);
    return member;
  };
  /** What a peer that was lost, or a group that moved, would have been told by: oldest first. */
  const troubles = async () => {
    const { events } = await api.events(clusterId);
    const kinds = events.map(({ detail }) => detail.kind).toReversed();
    return kinds.filter((kind) => /silent|takeover|stepped-down|document.refused/.test(kind));
  };
  const until = (what: string, server: Server, isSo: (status: AgentStatus) => boolean) =>
    waitFor(what, patienceMs, async () => {
      const status = await server.client.status().catch(() => undefined);
      return status !== undefined && isSo(status) ? status : undefined;
    });

  beforeAll(async () => {
    const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0] = await freePorts(5);
    cloud = new EmbeddedCloud(join(folder, "cloud"), { http, agent, mqtt, sns, snsTls });
    await cloud.start();
    api = new ApiClient(cloud.addresses.api, cloud.firstLogin().apiKey);
    const { customerId } = await api.createCustomer("Certificates");
    clusterId = (await api.createCluster(customerId, { name: "Certificates" })).document.clusterId;
    await api.issueLicence(clusterId, 2);
    await api.putCloudWitness(clusterId, "off");
    for (const name of ["node-a", "node-b"]) {
      const [heartbeatPort = 0, replicationPort = 0] = await freePorts(2);
      const [config, dataDir] = [join(folder, `${name}.yaml`), join(folder, name)];
      writeFileSync(config, stringify({ name, dataDir, listen: { host: "127.0.0.1", heartbeatPort, replicationPort } }));
      const server: Server = { name, config, dataDir, client: new LocalClient(dataPaths(dataDir).statusSocket), agent: null };
      servers.push(server);
      await understudy("join", "--token", (await api.createJoinToken(clusterId)).token, "--config", config);
      run(server);
      await waitFor(`${name} to vote`, patienceMs, async () => (await memberOf(server)).voting || undefined);
    }
    await until(
      "both to hear each other",
      first(),
      ({ peers, groups }) => peers[0]?.reachable === true && groups[0]?.state === "operational",
    );
  }, 90_000);
  afterAll(async () => {
    await Promise.all(servers.map(end));
    await cloud.stop();
    rmSync(folder, { recursive: true });
  });

  it("one is changed: shown within seconds, the peer is heard all the time, the group stays, and the certificate before counts on", async () => {
    const before = JSON.parse(await understudy("certificate", "show", "--config", first().config, "--json")) as CertificateStanding;
    const troublesBefore = (await troubles()).length;
    const looked: string[] = [];
    const looking = new AbortController();
    const ended = (async () => {
      while (!looking.signal.aborted) {
        for (const server of servers) {
          const { peers, groups } = await server.client.status();
          const holder = groups[0]?.holderName;
          if (peers[0]?.reachable !== true || holder !== "node-a") looked.push(`${server.name}: ${peers[0]?.reachable} ${holder}`);
        }
        await sleep(20);
      }
    })();
    const asked = JSON.parse(await understudy("certificate", "rotate", "--config", first().config, "--json")) as CertificateStanding;
    expect(asked.next?.sha256).not.toBe(before.sha256);
    await until("the next one to be named", first(), ({ certificate }) => certificate.next?.isNamed === true);
    const member = await memberOf(first());
    expect(member).toMatchObject({ certificateSha256: before.sha256, nextCertificate: { sha256: asked.next?.sha256 } });
    const reported = await waitFor("the cloud to hear of it, over a connection with the next one", patienceMs, async () => {
      const { reports, presence } = await api.clusterState(clusterId);
      const isConnected = presence.some(({ nodeId, connected }) => nodeId === member.nodeId && connected);
      return reports.find(
        ({ nodeId, certificateSha256 }) => isConnected && nodeId === member.nodeId && certificateSha256 === newestFingerprint(member),
      );
    });
    expect(reported.certificateSha256).toBe(asked.next?.sha256);
    await sleep(500);
    looking.abort();
    await ended;
    expect(looked).toEqual([]);
    expect((await troubles()).slice(troublesBefore)).toEqual([]);
  });

  it("killed in the middle of it: the next agent goes on with both, and is heard under the next one", async () => {
    const { nextCertificate } = await memberOf(first());
    first().agent?.kill("SIGKILL");
    run(first());
    await until("node-a to be heard again", second(), ({ peers }) => peers[0]?.reachable === true);
    await until("node-a to hear", first(), ({ peers, certificate }) => peers[0]?.reachable === true && certificate.next?.isNamed === true);
    expect(existsSync(dataPaths(first().dataDir).nextKey)).toBe(true);
    expect(nextCertificate?.sha256).toBe((await first().client.status()).certificate.next?.sha256);
  });

  it("a token for a node that is one already gives it another certificate: it comes back as the same node, and the one before is nobody's", async () => {
    const before = await memberOf(second());
    await end(second());
    const { token } = await api.createJoinToken(clusterId, { nodeId: before.nodeId });
    const said = JSON.parse(await understudy("certificate", "renew", "--token", token, "--config", second().config, "--json")) as object;
    expect(said).toMatchObject({ nodeId: before.nodeId, name: "node-b" });
    run(second());
    await until("node-b to be heard again", first(), ({ peers }) => peers[0]?.reachable === true);
    const after = await memberOf(second());
    expect(after).toMatchObject({ nodeId: before.nodeId, voting: before.voting, role: before.role });
    expect(after.certificateSha256).not.toBe(before.certificateSha256);
    expect((await requireIdentity(dataPaths(second().dataDir))).certificateSha256).toBe(after.certificateSha256);
  });

  it("removed: its peer and the cloud close its connections at once, and take it back no more", async () => {
    const { nodeId } = await memberOf(second());
    const atMs = performance.now();
    await api.removeNode(clusterId, nodeId);
    await until("node-a to be without a peer", first(), ({ peers }) => peers.length === 0);
    const peerAfterMs = performance.now() - atMs;
    await until("node-b to be without the cloud", second(), ({ cloud: link }) => link.state === "disconnected");
    const cloudAfterMs = performance.now() - atMs;
    expect(Math.max(peerAfterMs, cloudAfterMs)).toBeLessThan(2_000);
    await sleep(1_500);
    expect((await second().client.status()).cloud.state).toBe("disconnected");
  });
});

import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodes } from "../../agent/cli/exit-codes.ts";
import { decodeJoinToken, encodeJoinToken } from "../../shared/protocol/join-token.ts";
import { installApplication } from "../demo/install-application.ts";
import { dataSetsOf, followJoin, followPromotion } from "../demo/joining-progress.ts";
import { Narrator } from "../demo/narrator.ts";
import type { Server } from "../demo/server.ts";
import { Site } from "../demo/site.ts";
import { waitFor } from "../demo/waiting.ts";

/** What the join command printed, where it is expected to refuse. */
async function refusal(server: Server, token: string): Promise<{ code: number; stderr: string }> {
  try {
    await server.join(token);
  } catch (error) {
    return error as { code: number; stderr: string };
  }
  throw new Error(`${server.name} was enrolled, and should not have been`);
}

async function holdPort(port: number): Promise<TcpServer> {
  const holder = createServer();
  await once(holder.listen(port, "127.0.0.1"), "listening");
  return holder;
}

describe("system: what is refused says why, and nothing that works stops", () => {
  let folder = "";
  let site: Site;
  let clusterId = "";
  let usedToken = "";
  let unanswered = 0;
  let watching: NodeJS.Timeout;
  const quiet = new Narrator(new PassThrough().resume());

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-test-"));
    site = new Site(folder, await Site.anyPorts());
    site.inbox.start(await site.cloud.start());
    // What is shown here are reasons; on a machine that is busy with other tests nothing shall hang on half a second.
    ({ clusterId } = await site.register(1, "patient"));
    const first = site.serverNamed("node-a");
    installApplication(first.database);
    usedToken = (await site.api().createJoinToken(clusterId)).token;
    await first.join(usedToken);
    first.boot();
    await followJoin(first, quiet);
    await site.operationalServer(30_000);
    watching = setInterval(() => {
      void site.application.whoAnswers(2_000).then((name) => (unanswered += name === "node-a" ? 0 : 1));
    }, 100);
  });

  afterAll(async () => {
    clearInterval(watching);
    const killed = await site.end();
    rmSync(folder, { recursive: true, force: true });
    expect(killed).toEqual([]);
    expect(unanswered).toBe(0);
  });

  it("a token that is mistyped: the command says so before it asks anybody", async () => {
    const { code, stderr } = await refusal(site.serverNamed("node-b"), "us1.mistyped");
    expect(code).toBe(exitCodes["bad-token"]);
    expect(stderr).toMatch(/token.*(cut off or mistyped)/is);
  });

  it("a token that the control plane never made: refused, with the way to a new one", async () => {
    const decoded = decodeJoinToken(usedToken);
    if (!decoded.ok) throw new Error(decoded.reason);
    const { code, stderr } = await refusal(site.serverNamed("node-b"), encodeJoinToken({ ...decoded.token, secret: "x".repeat(43) }));
    expect(code).toBe(exitCodes["refused-by-cloud"]);
    expect(stderr).toMatch(/token/i);
    expect(stderr).toMatch(/new join token/i);
  });

  it("a token that has been used: refused, with the way to a new one", async () => {
    const { code, stderr } = await refusal(site.serverNamed("node-b"), usedToken);
    expect(code).toBe(exitCodes["refused-by-cloud"]);
    expect(stderr).toMatch(/used/i);
    expect(stderr).toMatch(/new join token/i);
  });

  it("a token that has expired: refused, with the way to a new one", async () => {
    const { token } = await site.api().createJoinToken(clusterId, { lifetimeSeconds: 1 });
    await sleep(1_200);
    const { code, stderr } = await refusal(site.serverNamed("node-b"), token);
    expect(code).toBe(exitCodes["refused-by-cloud"]);
    expect(stderr).toMatch(/expired/i);
    expect(stderr).toMatch(/new join token/i);
  });

  it("a port that something else holds: named by port and setting before the token is spent", async () => {
    const { token } = await site.api().createJoinToken(clusterId);
    const holder = await holdPort(site.ports.servers[1]?.heartbeat ?? 0);
    const { code, stderr } = await refusal(site.serverNamed("node-b"), token);
    holder.close();
    expect(code).toBe(exitCodes["port-unavailable"]);
    expect(stderr).toContain(String(site.ports.servers[1]?.heartbeat));
    expect(stderr).toMatch(/heartbeatPort/);
  });

  it("a cloud that is down: the join says so and leaves nothing half done; with a further licence the same token works later", async () => {
    const second = site.serverNamed("node-b");
    const { token } = await site.api().createJoinToken(clusterId);
    await site.cloud.stop();
    const away = await refusal(second, token);
    expect(away.code).toBe(exitCodes["cloud-unreachable"]);
    expect(second.isEnrolled).toBe(false);
    await site.cloud.start();

    const refused = await refusal(second, token);
    expect(refused.code).toBe(exitCodes["refused-by-cloud"]);
    expect(refused.stderr).toMatch(/licen[cs]e/i);
    expect(second.isEnrolled).toBe(false);

    await site.api().issueLicence(clusterId, 1);
    await second.join(token);
    expect(second.isEnrolled).toBe(true);
    second.boot();
    await followJoin(second, quiet);
    await followPromotion(second, site.api(), clusterId);
  });

  it("a second control plane on the same ports or data: refused with the reason, the first goes on", async () => {
    const other = new Site(join(folder, "other"), site.ports);
    await expect(other.cloud.start()).rejects.toThrow(/port/i);
    expect((await site.api().clusterState(clusterId)).document.nodes).toHaveLength(2);
  });

  it("a database that the application locks for long: the replica waits and says so, then goes on", async () => {
    const first = site.serverNamed("node-a");
    const locker = new DatabaseSync(first.database, { timeout: 5_000 });
    locker.exec("BEGIN EXCLUSIVE");
    locker.exec("INSERT INTO note (text, server) VALUES ('written under a long lock', 'node-a')");
    await sleep(3_000);
    locker.exec("COMMIT");
    locker.close();
    const second = site.serverNamed("node-b");
    await waitFor("the row to arrive", 20_000, () => {
      const replica = new DatabaseSync(second.database, { readOnly: true, timeout: 2_000 });
      const row = replica.prepare("SELECT 1 AS present FROM note WHERE text = 'written under a long lock'").get();
      replica.close();
      return row;
    });
    const [dataSet] = await dataSetsOf(first);
    expect(dataSet?.phase).toBe("following");
  });

  // Each at a site of its own, so side by side.
  it.concurrent.each([
    ["is no database", (path: string) => writeFileSync(path, "this is not a database ".repeat(200)), /is not an SQLite database/],
    [
      "has a table without a primary key",
      (path: string) => {
        const database = new DatabaseSync(path);
        database.exec("CREATE TABLE journal (line TEXT)");
        database.close();
      },
      /journal.*primary key/is,
    ],
  ])("a server whose database %s: its agent runs on, and its status names the cause", async (_, spoil, expected) => {
    const other = new Site(join(folder, `spoilt-${expected.source.length}`), await Site.anyPorts());
    try {
      other.inbox.start(await other.cloud.start());
      const memory = await other.register(1);
      const server = other.serverNamed("node-a");
      spoil(server.database);
      await server.join((await other.api().createJoinToken(memory.clusterId)).token, "--despite-preflight");
      server.boot();
      const problem = await waitFor(
        "the problem to be told",
        20_000,
        async () => (await dataSetsOf(server)).find((one) => one.problem !== undefined)?.problem,
      );
      expect(problem).toMatch(expected);
      expect(server.isRunning).toBe(true);
      const alert = await waitFor("the alert about it", 20_000, () => other.inbox.received[0]);
      expect(alert.kind).toBe("replication.refused");
      expect(existsSync(server.database)).toBe(true);
    } finally {
      await other.end();
    }
  });
});

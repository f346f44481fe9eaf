import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { delegationInstructions } from "../../shared/domain/membership/dns-instructions.ts";
import { dnsZonesOf } from "../../shared/domain/membership/dns-zones.ts";
import { answeredName, answeredZone, dnsAnswer, groupWith } from "../agent/dns/answered-zone.ts";
import { BindServer, bindMissing } from "../agent/dns/bind-server.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { freePorts } from "../demo/free-ports.ts";
import { waitFor } from "../demo/waiting.ts";

const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const names = ["node-a", "node-b", "node-c"];
const ttlSeconds = 2;

const verdictsIn = (probes: AgentStatus["probes"], node: string): string =>
  probes
    .filter(({ nodeName }) => nodeName === node)
    .map(({ verdict }) => verdict)
    .join();

/* Three agents are the name servers of a zone that a BIND delegates to them; clients ask the BIND, as a resolver. */
describe.skipIf(bindMissing !== null)(
  `agents answer for a delegated zone${bindMissing === null ? "" : ` (skipped: ${bindMissing})`}`,
  () => {
    let bind: BindServer;
    let cluster: LocalCluster;
    const resolvesTo = (name: string, withinMs: number): Promise<true> =>
      waitFor(
        `${answeredName} to resolve to ${name}`,
        withinMs,
        () => (bind.resolve("A", answeredName) === hosts[names.indexOf(name)] ? true : undefined),
        20,
      );

    beforeAll(async () => {
      const [port = 0] = await freePorts(1);
      const answer = dnsAnswer("phones", { ttlSeconds, parentServers: [{ host: "127.0.0.1", port }] });
      const groups = [groupWith([{ kind: "service", name: "sample" }, answer])];
      cluster = await LocalCluster.create(
        3,
        { groups },
        {
          hosts,
          settings: { dns: { port } },
          settingsOf: (servicePort) => ({ probes: { web: { kind: "http", port: servicePort, intervalMs: 300, retryIntervalMs: 200 } } }),
        },
      );
      const [zone] = dnsZonesOf(cluster.document);
      if (zone === undefined) throw new Error("the document has no zone");
      bind = await BindServer.start({ port, resolves: true, parentLines: delegationInstructions(zone, "bind") });
      await cluster.startAll();
    });
    afterAll(async () => {
      await cluster.end();
      await bind.end();
    });

    it("to the holder; after a switchover to the next one within the TTL; and with that one's machine dead to the third", async () => {
      const holder = await cluster.operational();
      await resolvesTo(holder, 5_000);
      expect(bind.resolve("NS", answeredZone).split("\n")).toHaveLength(3);
      expect(bind.resolve("A", `other.${answeredZone}`)).toBe("");

      expect(await cluster.command(holder, "dns verify")).toMatchObject({
        code: 0,
        stdout: `${answeredZone}: delegated to all 3 nodes by 127.0.0.1:${bind.port}, and answered by each\n`,
      });
      const printed = await cluster.command(holder, "dns instructions", "--for", "windows", "--json");
      expect(JSON.parse(printed.stdout)).toMatchObject({ product: "windows", zones: [{ zone: answeredZone }] });

      for (const name of names)
        await cluster.until(
          name,
          ({ probes, hears }) => verdictsIn(probes, holder) === "ok" && hears.every((line) => line.hears.length === 2),
          10_000,
        );

      const next = names.find((name) => name !== holder) ?? "";
      expect(await cluster.command(holder, "switchover", "--group", "default", "--to", next)).toMatchObject({ code: 0 });
      const switchedMs = performance.now();
      await resolvesTo(next, ttlSeconds * 1_000 + 1_000);
      const followedMs = performance.now() - switchedMs;

      cluster.agent(next).kill("SIGKILL");
      const killedMs = performance.now();
      const rest = names.filter((name) => name !== next);
      const successor = await cluster.answersFrom(rest, 20_000);
      await resolvesTo(successor, ttlSeconds * 1_000 + 5_000);
      console.info(
        `TTL ${ttlSeconds} s: resolved to the next holder ${Math.round(followedMs)} ms after a switchover, and ${Math.round(performance.now() - killedMs)} ms after a crash that took a name server along`,
      );
    }, 60_000);
  },
);

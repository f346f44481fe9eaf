import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgreementWatch } from "../../../agent/dns/agreement-watch.ts";
import { openDnsEndpoint } from "../../../agent/dns/dns-endpoint.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { describeEvent } from "../../../shared/domain/monitoring/describe-event.ts";
import { eventDetailSchema } from "../../../shared/protocol/event-schema.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { answeringDocument, dnsAnswer, groupWith, nodeIds } from "./answered-zone.ts";

const hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const document = answeringDocument([groupWith([dnsAnswer("phones")])], hosts);
const nameOf = (id: NodeId): string => document.nodes.find(({ nodeId }) => nodeId === id)?.name ?? id;

/* Three name servers on real sockets, each with a mind of its own. */
describe("nodes that watch each other's answers", () => {
  const minds: (NodeId | null)[] = [nodeIds[0] ?? null, nodeIds[0] ?? null, nodeIds[0] ?? null];
  const servers: { close(): Promise<void> }[] = [];
  let port = 0;
  let nowMs = 0;
  const told: string[] = [];
  const watchOf = (nodeId: NodeId): AgreementWatch =>
    new AgreementWatch({
      nodeId,
      document: () => document,
      port,
      nowMs: () => nowMs,
      record: (detail) => told.push(`${nameOf(nodeId)}: ${describeEvent(eventDetailSchema.parse(detail), nodeId, nameOf)}`),
    });

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    for (const [index, host] of hosts.entries())
      servers.push(
        await openDnsEndpoint({
          addresses: [host],
          port,
          contents: () => ({ document, holderOf: () => minds[index] ?? null }),
          nowMs: () => 0,
        }),
      );
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  it("tell once that one of them says something else, who says what, and when it is over; silence is no contradiction", async () => {
    const watches = nodeIds.map(watchOf);
    const look = async (): Promise<void> => {
      for (const watch of watches) await watch.look();
      nowMs += 6_000;
    };
    await look();
    minds[2] = nodeIds[1] ?? null;
    for (let count = 0; count < 4; count += 1) await look();
    expect(told.splice(0)).toEqual([
      "node-a: the nodes have not agreed on phones.live.example.test (A) for 12.0 s, so that clients may come to the wrong one: node-a says 127.0.0.2, node-b says 127.0.0.2, node-c says 127.0.0.3",
    ]);
    // Cut off, it says nothing more.
    minds[2] = null;
    await look();
    expect(told.splice(0)).toEqual(["node-a: the nodes agree on phones.live.example.test (A) again, after 24.0 s"]);
    for (const server of servers.splice(1, 1)) await server.close();
    for (let count = 0; count < 3; count += 1) await look();
    expect(told).toEqual([]);
  });
});

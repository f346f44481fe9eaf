import { afterEach, beforeAll, expect, test } from "vitest";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { PeerNetwork } from "../../../agent/replication/peer-network.ts";
import { RingSync } from "../../../agent/replication/ring-sync.ts";
import type { NodeId, PathName } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { type LanPath, mainPath } from "../../../shared/domain/membership/lan-path.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";
import { type Identity, makeIdentity, waitFor } from "./loopback-cluster.ts";

const lanB = "lan-b" as PathName;
const here: LanPath = { name: mainPath, host: "127.0.0.1" };
/** Nothing listens there. */
const dead: LanPath = { name: mainPath, host: "127.0.0.9" };
const further: LanPath = { name: lanB, host: "127.0.0.3" };
const closing: (() => void)[] = [];
let identities: Identity[] = [];

beforeAll(async () => {
  identities = await Promise.all(["a", "b"].map(makeIdentity));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Node b is reached by `main` and by its further path; it listens on a port of the system's choice. */
function documentWith(main: LanPath, port: number): ClusterDocument {
  const [a, b] = identities.map(({ certificateSha256 }, index) =>
    testNode(index + 1, certificateSha256, { heartbeat: 1, replication: index === 0 ? 2 : port }),
  );
  if (a === undefined || b === undefined) throw new Error("two nodes are needed");
  return testDocument([
    { ...a, paths: [{ name: lanB, host: "127.0.0.2" }] },
    { ...b, host: main.host, paths: [further] },
  ]);
}

function networkOf(number: 1 | 2, document: () => ClusterDocument, onStream: (network: PeerNetwork) => RingSync | undefined): PeerNetwork {
  const identity = identities[number - 1];
  if (identity === undefined) throw new Error("there are two nodes");
  const network: PeerNetwork = new PeerNetwork({
    nodeId: testNodeId(number) as NodeId,
    own: new OwnCertificates([identity]),
    document,
    onStream: (peer, stream) => onStream(network)?.accept(peer, stream),
    onTurnedAway: () => {},
  });
  closing.push(() => network.close());
  return network;
}

function ringOf(number: 1 | 2, network: PeerNetwork, document: () => ClusterDocument, told: string[]): RingSync {
  const ring = new RingSync({
    nodeId: testNodeId(number) as NodeId,
    network,
    document,
    replicas: () => [],
    dataDir: "/nowhere",
    onEvent: ({ kind }) => told.push(kind),
    onUncovered: () => undefined,
    onWarning: (text) => told.push(text),
    onStatusChanged: () => {},
  });
  closing.push(() => ring.close());
  return ring;
}

test("the first address is dead: the peer is dialled by its other path", async () => {
  // The node itself goes by a document in which it has the one address that it has.
  const own = documentWith({ ...further, name: mainPath }, 1);
  const listener = networkOf(
    2,
    () => ({ ...own, nodes: own.nodes.map(({ paths: _none, ...node }) => node) }),
    () => undefined,
  );
  const document = documentWith(dead, await listener.listen([{ ...further, name: mainPath }], 0));
  const dialler = networkOf(
    1,
    () => document,
    () => undefined,
  );
  const [, peer] = document.nodes;
  if (peer === undefined) throw new Error("there is no peer");
  const stream = await dialler.dial(peer, "ring");
  expect(stream.path).toBe(lanB);
  listener.close();
  await expect(dialler.dial(peer, "ring")).rejects.toThrow(/^path main: .*ECONNREFUSED.*; path lan-b: .*ECONNREFUSED/);
});

test("the path of a stream falls silent: another one replaces it at once, and nobody is bypassed", async () => {
  let document = documentWith(here, 1);
  const told: string[] = [];
  let accepted = 0;
  let ring: RingSync | undefined;
  const listener = networkOf(
    2,
    () => document,
    () => {
      accepted += 1;
      return ring;
    },
  );
  document = documentWith(here, await listener.listen([here, further], 0));
  ring = ringOf(2, listener, () => document, told);
  const dialler = networkOf(
    1,
    () => document,
    () => undefined,
  );
  const dialling = ringOf(1, dialler, () => document, told);
  await waitFor("the first stream", () => accepted === 1 && dialling.partner !== undefined);
  const heardOn = (...paths: readonly PathName[]): void => {
    const reachable = [{ nodeId: testNodeId(2) as NodeId, paths }];
    dialler.reachableChanged(reachable);
    dialling.reachableChanged(reachable);
  };
  heardOn(lanB);
  await waitFor("the stream by the other path", () => accepted === 2);
  expect(dialling.partner).toEqual({ nodeId: testNodeId(2), expected: true });
  // Back on both: the stream stays where it is.
  heardOn(mainPath, lanB);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(accepted).toBe(2);
  expect(told).toEqual([]);
});

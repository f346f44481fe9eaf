import { afterEach, beforeAll, expect, test } from "vitest";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { PeerNetwork } from "../../../agent/replication/peer-network.ts";
import type { PeerStream } from "../../../agent/replication/peer-stream.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { withNextAlone } from "../../../shared/domain/membership/certificates.ts";
import type { ClusterDocument, ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { testDocument, testNextCertificate, testNode, testNodeId } from "../cluster-signer.ts";
import { type Identity, makeIdentity, waitFor } from "./loopback-cluster.ts";

let identities: Identity[] = [];
const closing: (() => void)[] = [];

beforeAll(async () => {
  identities = await Promise.all(["a", "b", "b2"].map(makeIdentity));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const identity = (index: number): Identity => {
  const found = identities[index];
  if (found === undefined) throw new Error(`there is no identity ${index}`);
  return found;
};
const next = () => testNextCertificate(identity(2).certificateSha256);

const changes: readonly [string, (peer: ClusterNode) => readonly ClusterNode[]][] = [
  ["a node that was removed", () => []],
  ["a node that shows a certificate which has had its day", (peer) => [withNextAlone({ ...peer, nextCertificate: next() })]],
];

test.each(changes)("%s: its streams end with the document, and it opens none any more", async (_what, after) => {
  const port = { heartbeat: 1, replication: 2 };
  const peer = { ...testNode(2, identity(1).certificateSha256, port), host: "127.0.0.2" };
  const nodesWith = (replication: number) => testNode(1, identity(0).certificateSha256, { heartbeat: 1, replication });
  let document: ClusterDocument = testDocument([nodesWith(3), peer]);
  const taken: PeerStream[] = [];
  const refused: string[] = [];
  const listener = new PeerNetwork({
    nodeId: testNodeId(1) as NodeId,
    own: new OwnCertificates([identity(0)]),
    document: () => document,
    onStream: (_peer, stream) => taken.push(stream),
    onTurnedAway: (reason) => refused.push(reason),
  });
  closing.push(() => listener.close());
  const self = nodesWith(await listener.listen(pathsOf({ host: "127.0.0.1" }), 0));
  // The peer has not heard of what has become of it.
  const before = testDocument([self, peer]);
  const dialler = new PeerNetwork({
    nodeId: peer.nodeId,
    own: new OwnCertificates([identity(1)]),
    document: () => before,
    onStream: () => undefined,
    onTurnedAway: () => undefined,
  });
  closing.push(() => dialler.close());

  document = testDocument([self, { ...peer, nextCertificate: next() }], { version: 2 });
  const stream = await dialler.dial(self, "ring");
  await waitFor("the stream", () => taken.length === 1);
  listener.documentChanged();
  const ended: string[] = [];
  for (const one of [stream, ...taken]) one.handle({ onFrame: () => undefined, onClosed: (reason) => ended.push(reason) });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ended).toEqual([]);

  document = testDocument([self, ...after(peer)], { version: 3 });
  listener.documentChanged();
  await waitFor("both ends to be closed", () => ended.length === 2);
  expect(refused).toEqual([expect.stringMatching(new RegExp(`SHA-256 ${identity(1).certificateSha256}\\) is nobody's any more`))]);
  await expect(dialler.dial(self, "ring")).rejects.toThrow();
  expect(taken).toHaveLength(1);
});

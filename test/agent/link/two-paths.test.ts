import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startAedesBroker } from "../../../agent/link/aedes-broker.ts";
import type { NodeIdentity } from "../../../agent/link/identity.ts";
import { LanMembers } from "../../../agent/link/lan-members.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { openMqttPeerLink } from "../../../agent/link/mqtt-peer-link.ts";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { PathListeners } from "../../../agent/link/path-listeners.ts";
import { PeerMesh } from "../../../agent/link/peer-mesh.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import type { NodeId, PathName } from "../../../shared/domain/ids.ts";
import type { ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { mainPath, pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

const lanB = "lan-b" as PathName;
const [self, peer] = [testNodeId(1) as NodeId, testNodeId(2) as NodeId];

/** Two networks on one machine: 127.0.0.1 and 127.0.0.2. */
function onBothPaths(node: ClusterNode): ClusterNode {
  return { ...node, paths: [{ name: lanB, host: "127.0.0.2" }] };
}

describe("two paths between two nodes", () => {
  let folder = "";
  const closing: (() => Promise<void> | void)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-paths-"));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
    rmSync(folder, { recursive: true });
  });

  const identityOf = (name: string): Promise<NodeIdentity> => createIdentity(dataPaths(mkdtempSync(join(folder, name))));

  it("everything arrives on each of them; a path that the document takes away is closed, and the other one stays", async () => {
    const [own, theirs] = [await identityOf("a"), await identityOf("b")];
    const heard: string[] = [];
    const closed: string[] = [];
    const membersOf = (id: NodeId, port: number) =>
      new LanMembers(
        id,
        testDocument([
          onBothPaths(testNode(1, own.certificateSha256, { heartbeat: port, replication: 1 })),
          onBothPaths(testNode(2, theirs.certificateSha256, { heartbeat: 2, replication: 3 })),
        ]),
      );
    const broker = await startAedesBroker({
      paths: pathsOf({ host: "127.0.0.1", paths: [{ name: lanB, host: "127.0.0.2" }] }),
      port: 0,
      own: new OwnCertificates([own]),
      members: membersOf(self, 4),
      onPayload: (from, path, payload) => heard.push(`${from === peer} ${path} ${Buffer.from(payload).toString()}`),
      onClosed: (from, path) => closed.push(`${from === peer} ${path}`),
      onRefused: (reason) => heard.push(reason),
      onTwin: () => {},
    });
    closing.push(() => broker.close());
    const members = membersOf(peer, broker.port);
    const connected: string[] = [];
    const certificates = new OwnCertificates([theirs]);
    const mesh = new PeerMesh({
      members,
      own: certificates,
      open: (to, path, terms) => {
        const onConnected = () => {
          connected.push(path.name);
          terms.onConnected();
        };
        return openMqttPeerLink({
          peer: to,
          path,
          own: certificates,
          members,
          ...terms,
          onConnected,
          onRefused: (reason) => heard.push(reason),
        });
      },
      onClosed: () => {},
    });
    closing.push(() => mesh.close());
    await expect.poll(() => connected.toSorted()).toEqual([lanB, mainPath]);
    mesh.send(self, Buffer.from("one"));
    await expect.poll(() => heard.toSorted()).toEqual([`true ${lanB} one`, `true ${mainPath} one`]);

    const { document } = members;
    members.replace({ ...document, nodes: document.nodes.map((node) => ({ ...node, paths: [] })) });
    mesh.membersChanged();
    await expect.poll(() => closed).toEqual([`true ${lanB}`]);
    mesh.send(self, Buffer.from("two"));
    await expect.poll(() => heard.slice(2)).toEqual([`true ${mainPath} two`]);
    expect(connected).toHaveLength(2);
  });

  it("an address that this machine does not have yet keeps nobody from starting; the first one must be had", async () => {
    const troubles: string[] = [];
    const open = (first: string) =>
      PathListeners.open({
        // 192.0.2.1 is documentation's: no machine has it.
        paths: [
          { name: mainPath, host: first },
          { name: lanB, host: "192.0.2.1" },
        ],
        port: 0,
        makeServer: () => createServer(),
        onTrouble: (text) => troubles.push(text),
      });
    const listeners = await open("127.0.0.1");
    closing.push(() => listeners.close());
    expect(listeners.port).toBeGreaterThan(0);
    expect(troubles).toEqual([
      expect.stringMatching(
        /^path lan-b cannot be listened on \(192\.0\.2\.1, port \d+\): .*EADDRNOTAVAIL.*check the network, and this path's address in the node's settings$/,
      ),
    ]);
    await expect(open("192.0.2.1")).rejects.toThrow(/EADDRNOTAVAIL/);
  });

  it("an address that the node is given while it runs is listened on too, once, beside the one that it had", async () => {
    const callers: string[] = [];
    const listeners = await PathListeners.open({
      paths: [{ name: mainPath, host: "127.0.0.1" }],
      port: 0,
      makeServer: (path) =>
        createServer((socket) => {
          callers.push(`${path} ${socket.localAddress}`);
          socket.end();
        }),
      onTrouble: (text) => callers.push(text),
    });
    closing.push(() => listeners.close());
    const moved = [{ name: mainPath, host: "127.0.0.9" }];
    await listeners.alsoOn(moved);
    await listeners.alsoOn(moved);
    for (const host of ["127.0.0.9", "127.0.0.1"]) await once(connect(listeners.port, host).resume(), "close");
    expect(callers).toEqual(["main 127.0.0.9", "main 127.0.0.1"]);
  });
});

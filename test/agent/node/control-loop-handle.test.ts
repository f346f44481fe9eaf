import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { startControlLoop } from "../../../agent/node/control-loop-handle.ts";
import type { FromLoop } from "../../../agent/node/loop-messages.ts";
import { ThreadBeats } from "../../../agent/node/thread-beats.ts";
import { dataPaths, openDataDirectory } from "../../../agent/storage/data-directory.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

describe("the control loop's thread", () => {
  let dataDir = "";

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "understudy-loop-"));
    await openDataDirectory(dataDir);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it("what it says before anybody listens is not lost: its first numbers would never count as stored, and it could vote for nobody", async () => {
    const paths = dataPaths(dataDir);
    const identity = await createIdentity(paths);
    const document = testDocument([testNode(1, identity.certificateSha256, { heartbeat: 7_400, replication: 7_401 })]);
    const loop = await startControlLoop(
      {
        nodeId: testNodeId(1) as NodeId,
        record: { incarnation: 1, epochCeilings: {}, longPromises: {}, soles: {} },
        cleanStop: null,
        detached: null,
        identities: [identity],
        trusted: { document, jws: "", votersSinceVersion: document.version },
        listen: { paths: pathsOf({ host: "127.0.0.1" }), port: 0 },
        guardianSocket: paths.guardianSocket,
        guardianSecret: "",
        startTimeoutsMs: {},
        stopCommandTimeoutsMs: {},
        beats: new ThreadBeats().memory,
      },
      {
        onFailure: (error) => {
          throw error;
        },
      },
    );
    try {
      // As long as the rest of an agent may take to start on a busy machine.
      await sleep(500);
      const said: FromLoop[] = [];
      loop.receive((message) => said.push(message));
      expect(said).toContainEqual({
        type: "persist",
        record: { incarnation: 1, epochCeilings: { default: 16 }, longPromises: {}, soles: {} },
      });
      await expect.poll(() => said.some(({ type }) => type === "view")).toBe(true);
    } finally {
      await loop.close();
    }
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type EmbeddedDynamo, startEmbeddedDynamo } from "../../../functions/embedded/dynamo-embedded.ts";
import { dynamoStores } from "../../../functions/store/dynamo-stores.ts";
import { answerOnce } from "../../../functions/use-cases/ask-witness.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { type CloudAnswer, type CloudAsk, type CloudQuestion, firstVotes } from "../../../shared/domain/witness/cloud-votes.ts";
import { a, b, documentOf, group } from "../../shared/domain/failover/test-node.ts";
import { witnessId } from "../../simulation/cluster.ts";

/** `RACES=10000` for the whole proof. */
const races = Number(process.env["RACES"] ?? 100);
let tests = 0;
let clusterId: ClusterId;
const made = {
  ...documentOf([a, b], 2),
  witness: { kind: "cloud", nodeId: witnessId, name: "the control plane", voting: true },
} as const;

let folder = "";
let dynamo: EmbeddedDynamo;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
  dynamo = await startEmbeddedDynamo(join(folder, "database"));
});
afterAll(async () => {
  await dynamo.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  tests += 1;
  clusterId = `clus_${String(tests).padStart(20, "0")}` as ClusterId;
  const document = { ...made, clusterId };
  const stores = dynamoStores(dynamo.table);
  await stores.clusters.add({ document, signed: "", memberships: [{ version: 2, voters: [a, b, witnessId] }] });
  await stores.witness.begin(clusterId, firstVotes(witnessId));
});

const ask = (from: NodeId, question: CloudQuestion): Promise<CloudAnswer> =>
  answerOnce({ stores: dynamoStores(dynamo.table) }, { clusterId, nodeId: from }, question, () => true);
function request(patch: Partial<CloudAsk>): CloudAsk {
  return { type: "ask", incarnation: 1, documentVersion: 2, group, epoch: 1, requestId: 1, forUs: 30_000_000, expired: null, ...patch };
}

it(
  `two nodes race for the vote ${races} times: one of them has it, never both`,
  async () => {
    const won = new Map<NodeId, number>();
    for (let epoch = 1; epoch <= races; epoch += 1) {
      const asked = await Promise.all([a, b].map(async (node) => ({ node, ...(await ask(node, request({ epoch, requestId: epoch }))) })));
      const winners = asked.filter(({ verdict }) => verdict?.granted === true);
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      if (winner === undefined) throw new Error("nobody has the vote");
      won.set(winner.node, (won.get(winner.node) ?? 0) + 1);
      await ask(winner.node, { type: "release", incarnation: 1, group, epoch });
    }
    if (races > 1_000) console.log(Object.fromEntries(won));
  },
  Math.max(20_000, races * 60),
);

it("the control plane dies between request and answer: the answer can be read again, and promises no more than it did", async () => {
  const { promises } = await ask(a, request({}));
  await dynamo.close();
  dynamo = await startEmbeddedDynamo(join(folder, "database"));
  const again = await ask(a, request({}));
  expect(again).toEqual({ documentVersion: 2, verdict: { granted: true }, promises });
  expect((await ask(b, request({ epoch: 2 }))).verdict).toEqual({ granted: false, reason: "held-by-another" });
});

it("what was promised is had by another node only that has seen this very promise run out", async () => {
  const { promises } = await ask(a, request({}));
  const number = promises[0]?.number ?? null;
  await ask(a, request({ requestId: 2 }));
  expect((await ask(b, request({ epoch: 2, expired: number }))).verdict).toEqual({ granted: false, reason: "held-by-another" });
  const renewed = (await ask(b, { type: "look" })).promises[0]?.number ?? null;
  expect(renewed).not.toBe(number);
  expect((await ask(b, request({ epoch: 2, expired: renewed }))).verdict).toEqual({ granted: true });
});

it("refuses an epoch that was promised, a document of before its voters, and who is no candidate", async () => {
  await ask(a, request({ epoch: 5 }));
  await ask(a, { type: "release", incarnation: 1, group, epoch: 5 });
  expect((await ask(b, request({ epoch: 5 }))).verdict).toEqual({ granted: false, reason: "older-epoch" });
  expect((await ask(b, request({ epoch: 6, documentVersion: 1 }))).verdict).toEqual({ granted: false, reason: "older-document" });
  expect((await ask(witnessId, request({ epoch: 6 }))).verdict).toEqual({ granted: false, reason: "not-a-candidate" });
});

it("its votes lost: it makes no promise until it is made the witness anew", async () => {
  await dynamo.table.remove({ pk: `CLUSTER#${clusterId}`, sk: "WITNESS" });
  await expect(ask(a, request({}))).rejects.toThrow(/not in the store any more/);
});

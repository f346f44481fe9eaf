import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { LeaseRequest, PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { InProcessWitness } from "../../shared/voter/in-process-witness.ts";
import type { VoteStore } from "../../shared/voter/vote-store.ts";
import { a, b, c, documentOf, group } from "../shared/domain/failover/test-node.ts";
import { witnessId } from "../simulation/cluster.ts";

const granted = [{ type: "lease-grant", group }];
const refused = (reason: string): object => [{ type: "lease-refusal", reason }];

/** What nodes rely on with a witness in another process, whatever store keeps its record: `makeStore` gives the one of that file. */
export function witnessContract(name: string, makeStore: (path: string) => VoteStore): void {
  describe(`witness: ${name}`, () => {
    let folder = "";
    let path = "";
    let nowUs: MonotonicUs = 0;
    let timers: { atUs: MonotonicUs; callback: () => void }[] = [];
    let said: { readonly to: NodeId; readonly message: PeerMessage }[] = [];
    let documentsSent: NodeId[] = [];
    let troubles: string[] = [];
    let failures: unknown[] = [];
    let sequence = 0;
    let isDiskFull = false;
    let written = 0;
    let witness: InProcessWitness;

    const open = async (): Promise<void> => {
      written = 0;
      const store = makeStore(path);
      witness = await InProcessWitness.open({
        nodeId: witnessId,
        document: documentOf([a, b], 2, { voting: true }),
        settings: failoverSettings,
        store: {
          advance: () => store.advance(),
          write: async (record) => {
            if (isDiskFull) throw new Error("no space left on device");
            await store.write(record);
            written += 1;
          },
        },
        nowUs: () => nowUs,
        callAt: (atUs, callback) => {
          const timer = { atUs, callback };
          timers.push(timer);
          return { cancel: () => void (timers = timers.filter((one) => one !== timer)) };
        },
        send: (to, message) => said.push({ to, message }),
        sendDocument: (to) => documentsSent.push(to),
        onEvent: () => {},
        onTrouble: (reason) => troubles.push(reason),
        onFailure: (error) => failures.push(error),
      });
      // What it may promise is reserved before it is asked.
      await expect.poll(() => written, { interval: 2 }).toBeGreaterThan(0);
    };
    const passMs = (ms: number): void => {
      const untilUs = nowUs + ms * 1_000;
      for (;;) {
        const next = timers.toSorted((one, other) => one.atUs - other.atUs)[0];
        if (next === undefined || next.atUs > untilUs) break;
        timers = timers.filter((one) => one !== next);
        nowUs = Math.max(nowUs, next.atUs);
        next.callback();
      }
      nowUs = untilUs;
    };
    /** The answers to one message, heartbeats left out. */
    const asks = (from: NodeId, patch: Partial<LeaseRequest> = {}): readonly PeerMessage[] => {
      const before = said.length;
      witness.take(requestOf(from, patch));
      return said.slice(before).flatMap(({ to, message }) => (message.type === "heartbeat" || to !== from ? [] : [message]));
    };
    const requestOf = (from: NodeId, patch: Partial<LeaseRequest> = {}): LeaseRequest => {
      sequence += 1;
      const envelope = { from, incarnation: 1, sequence, documentVersion: 2 };
      return { type: "lease-request", ...envelope, group, epoch: 1, leaseUs: 600_000, requestId: 1, seen: null, ...patch };
    };

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "understudy-witness-"));
      path = join(folder, "votes.json");
      [nowUs, sequence, isDiskFull] = [5_000_000, 0, false];
      [timers, said, documentsSent, troubles, failures] = [[], [], [], [], []];
      await open();
    });
    afterEach(async () => {
      await witness.close();
      rmSync(folder, { recursive: true });
      expect(failures).toEqual([]);
    });

    it("promises nothing for the longest lease after its start, whatever it may have promised before (rule 4)", () => {
      expect(asks(a)).toMatchObject(refused("just-started"));
      passMs(2_990);
      expect(asks(a, { requestId: 2 })).toMatchObject(refused("just-started"));
      passMs(10);
      // Numbers that were asked under meanwhile count as promised.
      expect(asks(a, { epoch: 2, requestId: 3 })).toMatchObject(granted);
    });

    it("promises a group to one node at a time, for as long as was asked (rule 1)", () => {
      passMs(3_000);
      expect(asks(a)).toMatchObject(granted);
      expect(asks(b, { epoch: 2 })).toMatchObject(refused("held-by-another"));
      passMs(599);
      expect(asks(b, { epoch: 2, requestId: 2 })).toMatchObject(refused("held-by-another"));
      passMs(1);
      expect(asks(b, { epoch: 2, requestId: 3 })).toMatchObject(granted);
    });

    it("a promise that is given back frees the next one; a late word of an earlier one frees nothing", () => {
      passMs(3_000);
      asks(a);
      const release = { type: "lease-release", group, successor: null, planned: false, reason: "" } as const;
      const from = (epoch: number) => ({ ...release, from: a, incarnation: 1, sequence: (sequence += 1), documentVersion: 2, epoch });
      witness.take(from(0));
      expect(asks(b, { epoch: 2 })).toMatchObject(refused("held-by-another"));
      witness.take(from(1));
      expect(asks(b, { epoch: 2, requestId: 2 })).toMatchObject(granted);
    });

    it("a request that is said again is answered again, and lengthens nothing (rule 7)", () => {
      passMs(3_000);
      const request = requestOf(a);
      witness.take(request);
      passMs(500);
      expect(asks(a)).toMatchObject(granted);
      passMs(100);
      expect(asks(b, { epoch: 2 })).toMatchObject(granted);
    });

    it("asks for nothing itself, though nobody holds the group and nobody is heard", () => {
      passMs(30_000);
      expect(said.filter(({ message }) => message.type !== "heartbeat")).toEqual([]);
    });

    it("refuses who is no candidate, and who acts on an older document, which is sent the newer one", () => {
      passMs(3_000);
      expect(asks(c)).toEqual([]);
      expect(asks(a, { documentVersion: 1 })).toMatchObject(refused("older-document"));
      expect(documentsSent).toEqual([a]);
    });

    it("started anew: a higher incarnation, silence again, and no number that it may have promised before (S4)", async () => {
      passMs(3_000);
      expect(asks(a)).toMatchObject(granted);
      await witness.close();
      const earlier = Math.max(...said.map(({ message }) => message.incarnation));
      said = [];
      await open();
      expect(asks(b, { epoch: 2 })).toMatchObject(refused("just-started"));
      passMs(3_000);
      expect(asks(b, { epoch: 2, requestId: 2 })).toMatchObject(refused("older-epoch"));
      const [refusal] = asks(b, { epoch: 2, requestId: 3 });
      const next = (refusal?.type === "lease-refusal" ? refusal.epoch : Number.NaN) + 1;
      await expect.poll(() => asks(b, { epoch: next, requestId: (sequence += 1) })).toMatchObject(granted);
      expect(Math.min(...said.map(({ message }) => message.incarnation))).toBeGreaterThan(earlier);
    });

    it("a store that cannot be written: what was reserved is used up, then nothing new is promised; until it can", async () => {
      passMs(3_000);
      isDiskFull = true;
      let epoch = 1;
      const next = (): readonly PeerMessage[] => {
        passMs(600);
        epoch += 1;
        return asks(epoch % 2 === 0 ? a : b, { epoch, requestId: epoch });
      };
      for (let asked = 0; asked < 40; asked += 1) next();
      expect(next()).toMatchObject(refused("epoch-not-stored"));
      await expect.poll(() => troubles).toContain("the witness's record cannot be kept: no space left on device");
      isDiskFull = false;
      await expect.poll(next).toMatchObject(granted);
    });

    it("closed, it says nothing more", async () => {
      passMs(3_000);
      await witness.close();
      said = [];
      expect(asks(a)).toEqual([]);
      passMs(10_000);
      witness.documentChanged(documentOf([a, b], 3, { voting: true }));
      expect(said).toEqual([]);
    });

    it("a damaged record: it does not vote", async () => {
      await witness.close();
      writeFileSync(path, '{"incarnation":');
      await expect(open()).rejects.toThrow(/damaged/);
    });
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { exchange } from "../../../agent/dns/dns-exchange.ts";
import { encodeRequest, encodeText, opcodes, recordClasses, recordTypes } from "../../../agent/dns/dns-wire.ts";
import { addressBytes, type RecordTarget, updateRecord } from "../../../agent/dns/record-update.ts";
import { signRequest, verifyAnswer } from "../../../agent/dns/tsig.ts";
import { type Fence, fenceName, fenceText } from "../../../shared/domain/dns/fence.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { testClusterId, testNodeId } from "../cluster-signer.ts";
import { BindServer, bindMissing, domainName, parentZone, tsigKey, zone } from "./bind-server.ts";

const rounds = 15;

const fenceOf = (epoch: number, change: Partial<Fence> = {}): Fence => ({
  clusterId: testClusterId as Fence["clusterId"],
  group: "default" as GroupName,
  epoch,
  documentVersion: 1,
  node: testNodeId(epoch) as NodeId,
  ...change,
});

describe.skipIf(bindMissing !== null)(`a name at a real BIND${bindMissing === null ? "" : ` (skipped: ${bindMissing})`}`, () => {
  let bind: BindServer;
  const target = (epoch: number, change: Partial<RecordTarget> = {}): RecordTarget => ({
    server: { host: "127.0.0.1", port: bind.port },
    key: { name: tsigKey.name, secret: Buffer.from(tsigKey.secret, "base64") },
    zone,
    domainName,
    type: "A",
    ttlSeconds: 5,
    address: `192.0.2.${epoch}`,
    fence: fenceOf(epoch),
    isCurrent: () => true,
    ...change,
  });

  beforeAll(async () => {
    bind = await BindServer.start();
  });
  afterAll(() => bind.end());
  beforeEach(() => bind.nsupdate([`update delete ${domainName}`, `update delete ${fenceName(domainName, "A")}`]));

  it("is pointed at the node, in a delegated zone, and again at the next one under a higher epoch", async () => {
    expect(bind.dig("NS", zone)).toBe(`ns.${zone}.`);
    expect(await updateRecord(target(4))).toEqual({ is: "updated" });
    expect(bind.dig("A", domainName)).toBe("192.0.2.4");
    expect(bind.dig("TXT", fenceName(domainName, "A"))).toBe(`"${fenceText(fenceOf(4))}"`);
    expect(await updateRecord(target(4))).toEqual({ is: "kept" });
    expect(await updateRecord(target(7))).toEqual({ is: "updated" });
    expect(bind.dig("A", domainName)).toBe("192.0.2.7");
  });

  it("AAAA beside A, each with its own fence; whatever somebody else has changed is put right", async () => {
    await updateRecord(target(4));
    expect(await updateRecord(target(5, { type: "AAAA", address: "2001:db8::12:0:5" }))).toEqual({ is: "updated" });
    bind.nsupdate([`update add ${domainName} 5 A 192.0.2.99`]);
    expect(await updateRecord(target(4))).toEqual({ is: "updated" });
    expect(bind.dig("A", domainName)).toBe("192.0.2.4");
    expect(bind.dig("AAAA", domainName)).toBe("2001:db8::12:0:5");
  });

  it("F1: a node of a lower epoch sees that it is late and changes nothing", async () => {
    await updateRecord(target(7));
    expect(await updateRecord(target(4))).toEqual({ is: "overtaken", by: fenceOf(7) });
    expect(bind.dig("A", domainName)).toBe("192.0.2.7");
  });

  it("F1: a node that had looked before the higher epoch came, and writes after it, is refused by the server itself", async () => {
    await updateRecord(target(4));
    // Everything is decided, then the process hangs, and meanwhile another node takes over.
    const late = target(5, {
      isCurrent: () => {
        const script = [
          `update delete ${fenceName(domainName, "A")}`,
          `update add ${fenceName(domainName, "A")} 60 TXT "${fenceText(fenceOf(7))}"`,
        ];
        bind.nsupdate([...script, `update delete ${domainName} A`, `update add ${domainName} 5 A 192.0.2.7`]);
        return true;
      },
    });
    expect(await updateRecord(late)).toEqual({ is: "overtaken", by: fenceOf(7) });
    expect(bind.dig("A", domainName)).toBe("192.0.2.7");
  });

  it("F1: an update that was on its way for too long is refused with NXRRSET", async () => {
    await updateRecord(target(4));
    const { key, server } = target(5);
    const txt = { name: fenceName(domainName, "A"), type: recordTypes.TXT, class: recordClasses.IN, ttl: 0 };
    const address = { name: domainName, type: recordTypes.A, class: recordClasses.IN, ttl: 5, data: addressBytes("192.0.2.5") };
    const request = {
      id: 4_711,
      opcode: opcodes.update,
      questions: [{ name: zone, type: recordTypes.SOA, class: recordClasses.IN }],
      answers: [{ ...txt, data: encodeText(fenceText(fenceOf(4))) }],
      authorities: [address],
    };
    const signed = signRequest(encodeRequest(request), key, Math.floor(Date.now() / 1_000));
    await updateRecord(target(7));
    const { bytes, answer } = await exchange(server, signed.bytes);
    expect(answer.rcode).toBe(8);
    expect(verifyAnswer(bytes, answer, key, signed.mac, Math.floor(Date.now() / 1_000))).toEqual({ is: "authentic" });
    expect(bind.dig("A", domainName)).toBe("192.0.2.7");
  });

  it("who is not operational any more when it is about to write does not", async () => {
    await updateRecord(target(4));
    expect(await updateRecord(target(5, { isCurrent: () => false }))).toEqual({ is: "not-current" });
    expect(bind.dig("A", domainName)).toBe("192.0.2.4");
  });

  it("a name that has moved from one group to another belongs to the newer document; a stranger's is left alone", async () => {
    await updateRecord(target(7));
    const paging = { group: "paging" as GroupName, documentVersion: 2 };
    expect(await updateRecord(target(2, { fence: fenceOf(2, paging) }))).toEqual({ is: "updated" });
    expect(await updateRecord(target(8))).toMatchObject({ is: "overtaken" });
    const foreign = fenceOf(9, { clusterId: "clus_00000000000000000002" as Fence["clusterId"] });
    await expect(updateRecord(target(9, { fence: foreign }))).rejects.toThrow(
      /held by cluster clus_00000000000000000001.*remove that record/,
    );
  });

  it.each([
    ["another secret", { key: { name: tsigKey.name, secret: Buffer.alloc(32) } }, /refused the signature of key phones-key: BADSIG/],
    [
      "a key that it does not know",
      { key: { name: "other-key", secret: Buffer.alloc(32) } },
      /refused the signature of key other-key: BADKEY/,
    ],
    [
      "a key that may not",
      { key: { name: "reader-key", secret: Buffer.from(tsigKey.secret, "base64") } },
      /^REFUSED: it does not let this key/,
    ],
    ["a zone that it has not", { zone: "other.test", domainName: "phones.other.test" }, /REFUSED|NOTAUTH|not authoritative/],
    ["a name beside the zone", { domainName: `phones.${parentZone}` }, /^NOTZONE|^REFUSED/],
  ])("%s: says what is wrong", async (_, change, reason) => {
    await expect(updateRecord(target(4, change))).rejects.toThrow(reason);
    expect(bind.dig("A", domainName)).toBe("");
  });

  it("BADTIME, an answer of another time, an answer that was changed: none is believed", async () => {
    const { key, server } = target(4);
    const question = encodeRequest({
      id: 5,
      opcode: opcodes.query,
      questions: [{ name: zone, type: recordTypes.SOA, class: recordClasses.IN }],
    });
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const early = signRequest(question, key, nowSeconds - 1_000);
    const late = await exchange(server, early.bytes);
    expect(verifyAnswer(late.bytes, late.answer, key, early.mac, nowSeconds)).toMatchObject({ is: "refused", tsigError: 18 });
    const signed = signRequest(question, key, nowSeconds);
    const { bytes, answer } = await exchange(server, signed.bytes);
    expect(verifyAnswer(bytes, answer, key, signed.mac, nowSeconds)).toEqual({ is: "authentic" });
    expect(verifyAnswer(bytes, answer, key, signed.mac, nowSeconds + 301)).toMatchObject({ is: "refused" });
    expect(verifyAnswer(bytes, answer, key, Buffer.alloc(32), nowSeconds)).toMatchObject({
      is: "refused",
      reason: "its signature is wrong",
    });
    const changed = Buffer.from(bytes);
    changed[3] = (changed[3] ?? 0) ^ 1;
    expect(verifyAnswer(changed, answer, key, signed.mac, nowSeconds)).toMatchObject({ reason: "its signature is wrong" });
  });

  it("an answer too long for UDP is asked for over TCP", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `update add big.${zone} 60 TXT "${String(index).padStart(100, "x")}"`);
    bind.nsupdate(many);
    const question = encodeRequest({
      id: 6,
      opcode: opcodes.query,
      questions: [{ name: `big.${zone}`, type: recordTypes.TXT, class: recordClasses.IN }],
    });
    const { answer } = await exchange({ host: "127.0.0.1", port: bind.port }, question);
    expect(answer.answers).toHaveLength(60);
  });

  it("a server that is down: says so, soon", async () => {
    const startedMs = performance.now();
    await expect(updateRecord(target(4, { server: { host: "127.0.0.1", port: 1 } }))).rejects.toThrow(
      /ECONNREFUSED.*over TCP.*ECONNREFUSED/,
    );
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("is visible as soon as with BIND's own tool", async () => {
    const own: number[] = [];
    const tool: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      own.push(await visibleMs(bind, () => updateRecord(target(10 + round)), `192.0.2.${10 + round}`));
      const script = [`update delete ${domainName} A`, `update add ${domainName} 5 A 198.51.100.${round}`];
      tool.push(await visibleMs(bind, () => bind.nsupdate(script), `198.51.100.${round}`));
    }
    const digMs = median(Array.from({ length: 5 }, () => elapsedMs(() => bind.dig("A", domainName))));
    const [ownMs, toolMs] = [median(own), median(tool)];
    const shown = [ownMs, toolMs, digMs].map((value) => value.toFixed(1));
    console.info(
      `visible after (median of ${rounds}, ms, with ${shown[2]} for the query): ours ${shown[0]}, nsupdate ${shown[1]}, ratio ${(ownMs / toolMs).toFixed(2)}`,
    );
    // The goal is 1.5; twice that, because other tests run beside this one.
    expect(ownMs).toBeLessThan(3 * toolMs);
  });
});

/** How long it takes until a query shows the change. */
async function visibleMs(bind: BindServer, change: () => Promise<unknown> | void, address: string): Promise<number> {
  const startedMs = performance.now();
  await change();
  expect(bind.dig("A", domainName)).toBe(address);
  return performance.now() - startedMs;
}

function elapsedMs(what: () => void): number {
  const startedMs = performance.now();
  what();
  return performance.now() - startedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

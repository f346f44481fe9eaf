import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { monotonicUs } from "../../agent/resources/monotonic.ts";
import { AddressHolder, leaseMs } from "../agent/processes/address-holder.ts";
import { AddressLan, type Answer, lanProblem } from "../agent/processes/address-lan.ts";
import { neverTwo } from "../never-two.ts";
import { patience } from "../setup/patience.ts";

const port = 7_000;
const virtual4 = "192.0.2.10";
const address4 = `${virtual4}/24`;
const nowMs = (): number => monotonicUs() / 1_000;

async function eventually(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const untilMs = nowMs() + withinMs * patience;
  while (!condition()) {
    if (nowMs() > untilMs) throw new Error(`not within ${withinMs * patience} ms: ${what}`);
    await sleep(5);
  }
}

const lastBy = (answers: readonly Answer[], name: string): number => answers.findLast(({ by }) => by === name)?.atMs ?? -Infinity;
const firstBy = (answers: readonly Answer[], name: string): number => answers.find(({ by }) => by === name)?.atMs ?? Infinity;

async function held(holder: AddressHolder, address = address4): Promise<void> {
  await holder.start([address]);
  holder.order("take");
  await holder.until("started");
}

const problem = lanProblem();
if (problem !== null) console.warn(`virtual addresses on a real kernel are not tested: ${problem}`);

describe.skipIf(problem !== null)("a virtual address on a real kernel", () => {
  let lan: AddressLan;
  let a: AddressHolder;
  let b: AddressHolder;

  beforeEach(async () => {
    lan = new AddressLan();
    lan.addHost("a", ["192.0.2.1/24", "2001:db8::1/64"]);
    lan.addHost("b", ["192.0.2.2/24", "2001:db8::2/64"]);
    lan.addHost("client", ["192.0.2.100/24", "2001:db8::100/64"]);
    [a, b] = [new AddressHolder(lan, "a"), new AddressHolder(lan, "b")];
    await Promise.all([lan.answer("a", port), lan.answer("b", port)]);
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    lan.close();
  });

  it("is set for a short time, answers, and is gone after a stop", async () => {
    await held(a);
    expect(lan.lifetimeOf("a", virtual4)).toBeLessThanOrEqual(2);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    // Longer than the lifetime, of 3 s at most: it is renewed. An answer may be late itself.
    await sleep(5_500);
    expect(nowMs() - lastBy(answers, "a")).toBeLessThan(2_000);
    a.order("stop 1000");
    const { atMs } = await a.until("stopped");
    expect(lan.lifetimeOf("a", virtual4)).toBeNull();
    await sleep(200);
    expect(lastBy(answers, "a")).toBeLessThan(atMs);
  });

  it("moves by order: the client's neighbour entry changes with the announcement, and it waits for a few milliseconds", async () => {
    await held(a);
    await b.start([address4]);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    expect(lan.neighbourOf("client", virtual4)).toBe(lan.macOf("a"));
    a.order("stop 1000");
    await a.until("stopped");
    b.order("take");
    await b.until("started");
    await eventually(() => lastBy(answers, "b") > 0, 10_000, "an answer of b");
    expect(lan.neighbourOf("client", virtual4)).toBe(lan.macOf("b"));
    const silentMs = firstBy(answers, "b") - lastBy(answers, "a");
    console.log(`moved by order: silent for ${silentMs.toFixed(0)} ms`);
    // Without the announcement it would be half a minute.
    expect(silentMs).toBeLessThan(10_000);
    const { look } = await b.until("address-up");
    expect(look).toMatchObject({ address: virtual4, answeredBy: null });
    const { probedUs = 0, probeEndedUs = 0, upUs = 0 } = look ?? {};
    expect(probedUs).toBeGreaterThan(lastBy(answers, "a") * 1_000);
    expect(probeEndedUs).toBeGreaterThan(probedUs);
    expect(upUs).toBeGreaterThan(probeEndedUs);
  });

  it("everything of its holder is frozen: the kernel lets nothing pass from the end of its lease on, and the next holder takes it at once", async () => {
    await held(a);
    await b.start([address4]);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.signal("SIGSTOP");
    const frozenMs = nowMs();
    // By then a's lease has run out, and it could be b's.
    await sleep(leaseMs);
    b.order("take");
    await b.until("started");
    await eventually(() => lastBy(answers, "b") > 0, 10_000, "an answer of b");
    const silentAfterMs = lastBy(answers, "a") - frozenMs;
    console.log(`frozen: a answered for ${silentAfterMs.toFixed(0)} ms, b after ${(firstBy(answers, "b") - frozenMs).toFixed(0)} ms`);
    expect(silentAfterMs, neverTwo).toBeLessThan(leaseMs);
    expect(firstBy(answers, "b"), neverTwo).toBeGreaterThan(lastBy(answers, "a"));
    expect(b.notices.some(({ detail }) => detail?.["kind"] === "address.conflict")).toBe(false);
    a.signal("SIGKILL");
  });

  it("its lease is not renewed: the guardian takes it down before the lease ends", async () => {
    await held(a);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.order("lose");
    const { untilUs = 0 } = await a.until("lost");
    await a.until("fenced");
    expect(lan.lifetimeOf("a", virtual4)).toBeNull();
    await sleep(200);
    expect(lastBy(answers, "a"), neverTwo).toBeLessThan(untilUs / 1_000);
  });

  it("a stranger has it: told with its hardware address when a frozen holder's time is over, and claimed", async () => {
    lan.addHost("stranger", ["192.0.2.66/24", address4]);
    await held(a);
    const { detail } = await a.until("report");
    expect(detail).toMatchObject({ kind: "address.conflict", name: "front-0", address: address4, mac: lan.macOf("stranger") });
    expect((await a.until("address-up")).look).toMatchObject({ address: virtual4, answeredBy: lan.macOf("stranger") });
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
  });

  it("a stranger takes both of a holder's addresses while they are held: announced again, told with its hardware address, and defended", async () => {
    const [virtual6, address6] = ["2001:db8::10", "2001:db8::10/64"];
    lan.addHost("stranger", ["192.0.2.66/24", "2001:db8::66/64"]);
    await a.start([address4, address6]);
    a.order("take");
    await a.until("started");
    for (const virtual of [virtual4, virtual6]) {
      const answers = lan.probe("client", virtual, port);
      await eventually(() => lastBy(answers, "a") > 0, 10_000, `an answer at ${virtual}`);
    }
    // Its own announcement brings the client to it, and it says nothing more by itself: the second sight of it is its answer to a question.
    lan.run("stranger", "ip", "address", "add", address4, "dev", "eth0");
    lan.run("stranger", "ip", "address", "add", address6, "dev", "eth0", "nodad");
    lan.start("stranger", "arping", "-q", "-U", "-c", "1", "-w", "1", "-I", "eth0", virtual4);
    lan.start("stranger", "ndptool", "-t", "na", "-U", "-i", "eth0", "-T", virtual6, "send");
    const mac = lan.macOf("stranger");
    await eventually(() => lan.neighbourOf("client", virtual4) === mac, 2_000, "the client is with the stranger");
    for (const address of [address4, address6]) {
      const isTold = (): boolean =>
        a.notices.some(({ detail }) => detail?.["kind"] === "address.conflict" && detail["address"] === address && detail["mac"] === mac);
      await eventually(isTold, 6_000, `the conflict about ${address}`);
    }
    for (const virtual of [virtual4, virtual6])
      await eventually(() => lan.neighbourOf("client", virtual) === lan.macOf("a"), 3_000, `the client is back at ${virtual}`);
  });

  it("agent and guardian are killed: the next agent takes it off before anything else, and names it", async () => {
    await held(a);
    a.signal("SIGKILL");
    // A process takes its time to start on a crowded machine, and the kernel shall not be the one to take it off.
    const set = ["ip", "address", "replace", address4, "dev", "eth0", "valid_lft", "2", "preferred_lft", "2"];
    const setting = setInterval(() => lan.run("a", ...set), 300);
    await a.start([address4]).finally(() => clearInterval(setting));
    expect(await a.until("left-behind")).toMatchObject({ resources: [{ kind: "address", name: "front-0" }] });
    expect(lan.run("a", "nft", "list", "tables")).toBe("");
    a.order("take");
    await a.until("started");
  });

  it("thawed long after its lease has ended: not one frame passes", async () => {
    await held(a);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.signal("SIGSTOP");
    const frozenMs = nowMs();
    await sleep(leaseMs + 400);
    // The guardian and its tools go on where they were, and nobody has renewed the lease.
    a.signal("SIGCONT", "guardian");
    await eventually(() => lan.lifetimeOf("a", virtual4) === null && lan.run("a", "nft", "list", "tables") === "", 3_000, "taken down");
    expect(lastBy(answers, "a"), neverTwo).toBeLessThan(frozenMs + leaseMs);
    a.signal("SIGKILL");
  });

  it("agent and guardian are killed with -9: silent by the end of the lease, though nobody is left to see to it", async () => {
    await held(a);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.signal("SIGKILL");
    const killedMs = nowMs();
    await sleep(leaseMs + 400);
    console.log(`killed: a answered for ${(lastBy(answers, "a") - killedMs).toFixed(0)} ms`);
    expect(lastBy(answers, "a"), neverTwo).toBeLessThan(killedMs + leaseMs);
  });

  it("somebody flushes all rules of the machine's firewall: they are put back, and traffic goes on", async () => {
    await held(a);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    lan.run("a", "nft", "flush", "ruleset");
    await eventually(() => lan.run("a", "nft", "list", "tables").includes("understudy_"), 8_000, "the rules are back");
    const backMs = nowMs();
    await eventually(() => lastBy(answers, "a") > backMs + 500, 10_000, "an answer through the new gate");
    expect(a.notices.map(({ reason }) => reason ?? "").join()).toMatch(
      /somebody had removed the nftables rules that guard address 192.0.2.10; they were put back/,
    );
    a.signal("SIGSTOP");
    const frozenMs = nowMs();
    await sleep(leaseMs + 200);
    expect(lastBy(answers, "a"), neverTwo).toBeLessThan(frozenMs + leaseMs);
    a.signal("SIGKILL");
  });

  it("nftables is missing: said so, and the lifetime alone drops the address of a frozen holder; the next one waits for that", async () => {
    await a.start([address4], { hiding: "/usr/sbin/nft" });
    a.order("take");
    await a.until("started");
    expect((await a.until("trouble")).reason).toMatch(/address 192.0.2.10 is guarded by its lifetime of 2 s alone, not by nftables: .*nft/);
    await b.start([address4]);
    const answers = lan.probe("client", virtual4, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.signal("SIGSTOP");
    const frozenMs = nowMs();
    b.order("take");
    await b.until("started");
    await eventually(() => lastBy(answers, "b") > 0, 10_000, "an answer of b");
    console.log(`without nftables, frozen: a answered for ${(lastBy(answers, "a") - frozenMs).toFixed(0)} ms`);
    expect(lastBy(answers, "a") - frozenMs, neverTwo).toBeLessThan(3_200);
    expect(firstBy(answers, "b"), neverTwo).toBeGreaterThan(lastBy(answers, "a"));
    expect(b.notices.some(({ detail }) => detail?.["kind"] === "address.conflict")).toBe(false);
    a.signal("SIGKILL");
  });

  it.each([
    ["198.51.100.10/24", "198.51.100.10/24 cannot be set on this node: no interface of this node has an address in its subnet"],
    [
      "192.0.2.1/24",
      "192.0.2.1/24 cannot be set on this node: it is this node's own address on eth0: a virtual address belongs to no node",
    ],
  ])("%s is refused with its reason", async (address, reason) => {
    await a.start([address]);
    a.order("take");
    expect(await a.until("start-failed")).toMatchObject({ resource: { kind: "address", address }, reason });
  });

  it("IPv6: set, announced, moved, and silent when everything of its holder is frozen", async () => {
    const [virtual6, address6] = ["2001:db8::10", "2001:db8::10/64"];
    await held(a, address6);
    await b.start([address6]);
    const answers = lan.probe("client", virtual6, port);
    await eventually(() => lastBy(answers, "a") > 0, 10_000, "an answer");
    a.order("stop 1000");
    await a.until("stopped");
    b.order("take");
    await b.until("started");
    await eventually(() => lastBy(answers, "b") > 0, 10_000, "an answer of b");
    expect(lan.neighbourOf("client", virtual6)).toBe(lan.macOf("b"));
    console.log(`IPv6 moved by order: silent for ${(firstBy(answers, "b") - lastBy(answers, "a")).toFixed(0)} ms`);
    b.signal("SIGSTOP");
    const frozenMs = nowMs();
    await sleep(leaseMs + 400);
    expect(lastBy(answers, "b"), neverTwo).toBeLessThan(frozenMs + leaseMs);
    // Whoever asks for its hardware address now is not told, either.
    lan.run("client", "ip", "neighbour", "flush", "dev", "eth0");
    await sleep(300);
    expect(lan.neighbourOf("client", virtual6)).toBeUndefined();
    b.signal("SIGKILL");
  });
});

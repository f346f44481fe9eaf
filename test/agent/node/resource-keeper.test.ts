import { beforeEach, describe, expect, it } from "vitest";
import type { GuardianOrder } from "../../../agent/node/guardian-protocol.ts";
import { ResourceKeeper } from "../../../agent/node/resource-keeper.ts";
import type { GuardedResource } from "../../../agent/resources/resource.ts";
import type { NodeEvent } from "../../../shared/domain/failover/events.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

const group = "default" as GroupName;
const sample: GuardedResource = { kind: "service", name: "sample" };

describe("resource keeper", () => {
  let nowUs = 0;
  let timers: { atUs: number; callback: () => void }[] = [];
  let orders: GuardianOrder[] = [];
  let answers: NodeEvent[] = [];
  let killed: (readonly number[])[] = [];
  let failed: string[] = [];
  let prepared: number[] = [];
  let reported: string[] = [];
  let hasGuardian = true;
  let swapsOnReset = true;
  let keeper: ResourceKeeper;

  const passMs = (ms: number): void => {
    nowUs += usFromMs(ms);
    const due = timers.filter(({ atUs }) => atUs <= nowUs);
    timers = timers.filter(({ atUs }) => atUs > nowUs);
    for (const { callback } of due) callback();
  };
  const startedUp = (epoch = 1): void => {
    keeper.start(group, epoch);
    keeper.prepared(group, epoch, []);
    keeper.take({ type: "spawned", group, service: "sample", pid: 4711 });
    keeper.take({ type: "started", group, epoch });
    [orders, answers] = [[], []];
  };

  beforeEach(() => {
    nowUs = usFromMs(1_000);
    [timers, orders, answers, killed, failed, prepared, reported] = [[], [], [], [], [], [], []];
    hasGuardian = true;
    swapsOnReset = true;
    keeper = new ResourceKeeper({
      nowUs: () => nowUs,
      callAt: (atUs, callback) => {
        const timer = { atUs, callback };
        timers.push(timer);
        return { cancel: () => void (timers = timers.filter((one) => one !== timer)) };
      },
      resourcesOf: () => [sample],
      swapsOnReset: () => swapsOnReset,
      startPatienceMs: () => 10_000,
      stopPatienceMs: () => 0,
      order: (order) => hasGuardian && orders.push(order) > 0,
      prepare: (_group, epoch) => prepared.push(epoch),
      answer: (event) => answers.push(event),
      resourceFailed: (_group, { name }, reason) => failed.push(`${name}: ${reason}`),
      report: (detail) => reported.push(detail.kind),
      killWithout: (pids) => killed.push([...pids]),
      log: () => {},
    });
  });

  it("start: the data first, then the services, then the core hears of it", () => {
    keeper.start(group, 1);
    expect({ prepared, orders }).toEqual({ prepared: [1], orders: [] });
    keeper.prepared(group, 1, []);
    expect(orders).toEqual([{ type: "start", group, epoch: 1, resources: [sample] }]);
    keeper.take({ type: "started", group, epoch: 1 });
    expect(answers).toEqual([{ type: "resources-started", group, epoch: 1, addresses: [] }]);
    passMs(60_000);
    expect(answers).toHaveLength(1);
  });

  it("what was seen of an address before and while it was set goes to the core with the start, and not with a later one", () => {
    const look = { address: "10.0.0.9", probedUs: 1_000, probeEndedUs: 2_000, answeredBy: null, upUs: 3_000 };
    const sighting = { answeredUs: 100, unansweredUs: 150 };
    keeper.start(group, 1);
    keeper.prepared(group, 1, [{ host: "10.0.0.9", told: sighting }]);
    keeper.take({ type: "address-up", group, epoch: 1, look });
    keeper.take({ type: "started", group, epoch: 1 });
    // It has failed and was set anew: the takeover was told long ago.
    keeper.take({ type: "address-up", group, epoch: 1, look });
    keeper.stop(group, 1, 0);
    keeper.take({ type: "stopped", group, epoch: 1 });
    keeper.start(group, 2);
    keeper.prepared(group, 2, []);
    keeper.take({ type: "started", group, epoch: 2 });
    expect(answers).toEqual([
      { type: "resources-started", group, epoch: 1, addresses: [{ ...look, sighting }] },
      { type: "resources-stopped", group, epoch: 1 },
      { type: "resources-started", group, epoch: 2, addresses: [] },
    ]);
  });

  it("a guardian that hangs while something runs: it is killed with its services, and the group is not well here any more", () => {
    startedUp();
    for (let asked = 0; asked < 6; asked += 1) keeper.askGuardian();
    expect({ killed, asked: orders.map(({ type }) => type) }).toEqual({ killed: [], asked: Array(6).fill("are-you-alive") });
    keeper.askGuardian();
    expect(killed).toEqual([[4711]]);
    keeper.swept("the guardian process was ended by SIGKILL");
    const reason = "the guardian process hung for 1.5 s, so the agent killed it";
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason }]);
  });

  it("a guardian that answers late, one that has nothing to run, and none at all: nobody is killed", () => {
    for (let asked = 0; asked < 20; asked += 1) keeper.askGuardian();
    startedUp();
    for (let asked = 0; asked < 20; asked += 1) {
      keeper.askGuardian();
      if (asked % 6 === 5) keeper.take({ type: "alive" });
    }
    keeper.take({ type: "alive" });
    hasGuardian = false;
    for (let asked = 0; asked < 20; asked += 1) keeper.askGuardian();
    expect({ killed, answers }).toEqual({ killed: [], answers: [] });
  });

  it("stop while the data are made ready: nothing was started, and nothing will be", () => {
    keeper.start(group, 1);
    keeper.stop(group, 1, nowUs + usFromMs(300));
    expect(answers).toEqual([{ type: "resources-stopped", group, epoch: 1 }]);
    keeper.prepared(group, 1, []);
    expect(orders).toEqual([]);
  });

  it("the data cannot be made ready: the group is not started here, and the reason goes along", () => {
    keeper.start(group, 1);
    keeper.refuse(group, 1, "the disk is full");
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "the disk is full" }]);
  });

  it("what an earlier epoch answers late is nobody's answer", () => {
    keeper.start(group, 1);
    keeper.prepared(group, 1, []);
    keeper.start(group, 2);
    keeper.take({ type: "started", group, epoch: 1 });
    keeper.take({ type: "start-failed", group, epoch: 1, resource: sample, reason: "late" });
    keeper.take({ type: "stopped", group, epoch: 1 });
    keeper.prepared(group, 1, []);
    expect({ answers, failed, orders: orders.length }).toEqual({ answers: [], failed: [], orders: 1 });
  });

  it("a service that cannot start: the core hears it once, people hear which and why", () => {
    keeper.start(group, 1);
    keeper.prepared(group, 1, []);
    keeper.take({ type: "start-failed", group, epoch: 1, resource: sample, reason: "no licence" });
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "service sample: no licence" }]);
    expect(failed).toEqual(["sample: no licence"]);
    keeper.stop(group, 1, nowUs + usFromMs(300));
    expect(answers.at(-1)).toEqual({ type: "resources-stopped", group, epoch: 1 });
    expect(orders).toHaveLength(1);
  });

  it("nothing answers the order to start: failed after its patience, and the stop that follows is really carried out", () => {
    keeper.start(group, 1);
    keeper.prepared(group, 1, []);
    passMs(10_001);
    expect(answers).toMatchObject([{ type: "resources-failed" }]);
    keeper.stop(group, 1, nowUs + usFromMs(300));
    expect(orders.at(-1)).toMatchObject({ type: "stop" });
    expect(answers).toHaveLength(1);
  });

  it("the guardian does not stop in time: its processes and it are killed just before the lease ends, and the core hears it after the sweep", () => {
    startedUp();
    keeper.stop(group, 1, nowUs + usFromMs(400));
    passMs(389);
    expect(killed).toEqual([]);
    passMs(2);
    expect(killed).toEqual([[4711]]);
    expect(answers).toEqual([]);
    keeper.swept("it was killed");
    expect(answers).toEqual([{ type: "resources-stopped", group, epoch: 1 }]);
  });

  it("a stop whose deadline has passed: the guardian still gets its moment to answer", () => {
    startedUp();
    keeper.stop(group, 1, nowUs - usFromMs(50));
    passMs(50);
    expect(killed).toEqual([]);
    keeper.take({ type: "stopped", group, epoch: 1 });
    passMs(1_000);
    expect({ killed, answers }).toEqual({ killed: [], answers: [{ type: "resources-stopped", group, epoch: 1 }] });
  });

  it("said again with an earlier deadline, the earlier one counts", () => {
    startedUp();
    keeper.stop(group, 1, nowUs + usFromMs(10_000));
    keeper.stop(group, 1, nowUs + usFromMs(300));
    expect(orders.map((order) => order.type)).toEqual(["stop", "stop"]);
    passMs(301);
    expect(killed).toEqual([[4711]]);
  });

  it("the guardian dies: what ran has failed, what was being stopped has stopped", () => {
    startedUp();
    keeper.swept("the guardian process was ended by SIGKILL");
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "the guardian process was ended by SIGKILL" }]);
  });

  it("no guardian at the moment: the start fails and says why", () => {
    hasGuardian = false;
    keeper.start(group, 1);
    keeper.prepared(group, 1, []);
    expect(answers).toMatchObject([{ type: "resources-failed", reason: expect.stringMatching(/guardian/) as string }]);
  });

  it("fenced by the guardian: the core hears that its resources are gone", () => {
    startedUp();
    keeper.take({ type: "fenced", group, epoch: 1, reason: "the lease ran out" });
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "the lease ran out" }]);
  });

  it("a service that fails later is told to people; the core decides what happens", () => {
    startedUp();
    keeper.take({ type: "resource-failed", group, epoch: 1, resource: sample, reason: "it died" });
    expect({ failed, answers }).toEqual({ failed: ["sample: it died"], answers: [] });
  });

  it("a service that fails, and the group stays: it is started anew, each time after a longer pause", () => {
    startedUp();
    const fail = (): void => keeper.take({ type: "resource-failed", group, epoch: 1, resource: sample, reason: "it died" });
    const restart = { type: "restart", group, epoch: 1, resources: [sample], failed: [sample] };
    fail();
    passMs(999);
    expect(orders).toEqual([]);
    passMs(1);
    expect(orders).toEqual([restart]);
    keeper.take({ type: "started", group, epoch: 1 });
    fail();
    passMs(1_999);
    expect(orders).toEqual([restart]);
    passMs(1);
    expect(orders).toEqual([restart, restart]);
    expect(answers).toEqual([]);
    keeper.take({ type: "start-failed", group, epoch: 1, resource: sample, reason: "it ended with code 7" });
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "service sample: it ended with code 7" }]);
  });

  it("a group that does not swap on a reset: its service is started anew at once; if it dies again within a minute, the group may move", () => {
    swapsOnReset = false;
    startedUp();
    const fail = (): void => keeper.take({ type: "resource-failed", group, epoch: 1, resource: sample, reason: "it died" });
    fail();
    expect(orders).toEqual([{ type: "restart", group, epoch: 1, resources: [sample], failed: [sample] }]);
    expect({ failed, reported }).toEqual({ failed: [], reported: ["service.restarted"] });
    keeper.take({ type: "started", group, epoch: 1 });
    passMs(59_999);
    fail();
    expect(failed).toEqual(["sample: it died"]);
    passMs(60_000);
    fail();
    expect({ failed, reported: reported.length }).toEqual({ failed: ["sample: it died"], reported: 2 });
    expect(answers).toEqual([]);
  });

  it("a group that does not swap on a reset, and its service does not start again: the group moves", () => {
    swapsOnReset = false;
    startedUp();
    keeper.take({ type: "resource-failed", group, epoch: 1, resource: sample, reason: "it died" });
    keeper.take({ type: "start-failed", group, epoch: 1, resource: sample, reason: "it ended with code 7" });
    expect(answers).toEqual([{ type: "resources-failed", group, epoch: 1, reason: "service sample: it ended with code 7" }]);
  });

  it("a service that fails, and the group goes: it is not started anew", () => {
    startedUp();
    keeper.take({ type: "resource-failed", group, epoch: 1, resource: sample, reason: "it died" });
    keeper.stop(group, 1, nowUs + usFromMs(10_000));
    orders = [];
    passMs(5_000);
    expect(orders).toEqual([]);
  });

  it("what the guardian has for people alone goes to them, and the core hears nothing of it", () => {
    startedUp();
    const detail = { kind: "address.conflict", group, name: "front", address: "192.0.2.10/24", mac: "02:00:00:00:00:01" } as const;
    keeper.take({ type: "report", detail });
    expect({ reported, answers }).toEqual({ reported: ["address.conflict"], answers: [] });
  });

  it("the document names other services: the running group gets them", () => {
    startedUp();
    keeper.resourcesChanged();
    expect(orders).toEqual([{ type: "start", group, epoch: 1, resources: [sample] }]);
  });
});

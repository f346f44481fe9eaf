import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SilenceWatch } from "../../../agent/node/silence-watch.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { viewAt } from "../answers/views.ts";

const [here, there] = ["node-a", "node-b"] as readonly string[] as readonly [NodeId, NodeId];
const group = "default" as GroupName;
const host = "10.77.0.100";

const nowMs = (): number => performance.now();
const documentOf = (order: readonly NodeId[]): ClusterDocument =>
  ({
    groups: [{ name: group, order, resources: [{ kind: "address", name: "front", address: `${host}/24` }] }],
  }) as unknown as ClusterDocument;

describe("the watch over addresses of groups that run elsewhere", () => {
  let askedAtMs: number[] = [];
  let isHeld = true;
  let order = [there, here];
  let watch: SilenceWatch;
  const see = (state: string, reachable = true): void => {
    const view = viewAt(nowMs(), { [group]: state });
    const groups = view.groups.map((line) => ({ ...line, holder: there }));
    const peer = { nodeId: there, reachable, detached: false, lastHeardMs: 0, paths: [], problems: {}, hears: [] };
    watch.viewChanged({ ...view, groups, peers: [peer] });
  };
  const askedIn = async (ms: number): Promise<number> => {
    const before = askedAtMs.length;
    await vi.advanceTimersByTimeAsync(ms);
    return askedAtMs.length - before;
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    [askedAtMs, isHeld, order] = [[], true, [there, here]];
    watch = new SilenceWatch({
      nodeId: here,
      document: () => documentOf(order),
      nowUs: () => usFromMs(nowMs()),
      ask: async (asked) => {
        expect(asked).toBe(host);
        askedAtMs.push(nowMs());
        return isHeld ? usFromMs(nowMs()) : null;
      },
    });
  });

  afterEach(() => {
    watch.close();
    vi.useRealTimers();
  });

  it("asks at a modest pace while all is well, and faster while the holder is not heard; not for ever", async () => {
    see("standby");
    expect(await askedIn(1_000)).toBe(20);
    see("standby", false);
    expect(await askedIn(1_000)).toBeGreaterThan(90);
    await askedIn(30_000);
    expect(await askedIn(1_000)).toBe(20);
  });

  it("tells since when an address is silent, and what became of it once this node has let the group go again", async () => {
    see("standby");
    await askedIn(100);
    const lastMs = nowMs();
    isHeld = false;
    await askedIn(200);
    expect(watch.sightings(group)).toEqual([{ host, told: { answeredUs: usFromMs(lastMs), unansweredUs: usFromMs(lastMs + 50) } }]);
    isHeld = true;
    await askedIn(50);
    expect(watch.sightings(group)).toEqual([]);
    expect(watch.silences(group)).toMatchObject([{ host, told: { endedUs: usFromMs(nowMs()) } }]);
  });

  it.each(["starting", "operational", "handing-over", "stepping-down"])(
    "an address that may be this node's own is not asked: %s",
    async (state) => {
      see("standby");
      see(state);
      askedAtMs = [];
      expect(await askedIn(1_000)).toBe(0);
      see("standby");
      expect(await askedIn(1_000)).toBe(20);
    },
  );

  it("a node that may not take the group asks nothing; nor does one that was closed", async () => {
    order = [there];
    see("standby");
    expect(await askedIn(1_000)).toBe(0);
    order = [there, here];
    see("standby");
    watch.close();
    askedAtMs = [];
    expect(await askedIn(1_000)).toBe(0);
  });

  it("before something that is to happen it asks fast for as long as it is told", async () => {
    watch.hurry(group, 500);
    see("standby");
    expect(await askedIn(500)).toBeGreaterThan(45);
    await askedIn(50);
    expect(await askedIn(1_000)).toBe(20);
  });
});

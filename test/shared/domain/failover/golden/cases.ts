import type { Signal } from "./decision.ts";
import type { Peer, Self, View } from "./view.ts";

export interface GoldenCase {
  readonly view: View;
  readonly signal: Signal;
}

/** A healthy cluster in the order of its names. */
const healthy: Omit<View, "state"> = {
  self: "fit",
  b: "fit",
  c: "fit",
  order: "abc",
  failback: "manual",
  lease: "good",
  votes: "abc",
  isTimeUp: false,
  look: "open",
};

/** Every mixture of what is listed; what is not listed is as in a healthy cluster. */
function mixtures(
  state: View["state"],
  lists: { readonly [Field in keyof View]?: readonly View[Field][] } & { readonly signal?: readonly Signal[] },
): readonly GoldenCase[] {
  let views: readonly View[] = [{ ...healthy, state }];
  for (const [field, values] of Object.entries(lists)) {
    if (field !== "signal") views = views.flatMap((view) => (values as readonly unknown[]).map((value) => ({ ...view, [field]: value })));
  }
  return views.flatMap((view) => (lists.signal ?? ["time"]).map((signal) => ({ view, signal })));
}

const anySelf: readonly Self[] = ["fit", "unfit", "quarantined", "failed before", "unlisted", "ending"];
const anyPeer: readonly Peer[] = ["fit", "unfit", "quarantined", "just started", "deaf", "silent", "holds"];
const others: readonly Peer[] = ["fit", "unfit", "silent"];

/** By file. */
export const goldenCases: Readonly<Record<string, readonly GoldenCase[]>> = {
  "just-started": mixtures("just-started", { self: ["fit", "ending"], b: ["fit", "silent", "holds"], isTimeUp: [false, true] }),
  standby: mixtures("standby", { self: anySelf, b: anyPeer, c: others }),
  waiting: mixtures("waiting", { self: anySelf, b: ["fit", "silent", "holds"], c: ["fit", "silent"] }),
  asking: mixtures("asking", { self: ["fit", "unfit", "ending"], votes: ["a", "ab", "abc"], isTimeUp: [false, true] }),
  starting: [
    ...mixtures("starting", { self: ["fit", "unfit", "ending"], signal: ["time", "started", "failed"] }),
    ...mixtures("starting", { b: ["silent"], c: ["silent"], lease: ["good", "runs out"], signal: ["time", "started"] }),
  ],
  operational: [
    ...mixtures("operational", {
      self: ["fit", "unfit", "quarantined", "ending", "unlisted"],
      b: ["fit", "unfit", "quarantined", "deaf", "silent"],
      c: others,
    }),
    ...mixtures("operational", { order: ["bac"], failback: ["manual", "due", "frozen"], b: others, c: ["fit", "silent"] }),
    ...mixtures("operational", { self: ["fit", "unfit"], b: ["silent"], c: ["fit", "silent"], lease: ["runs out"] }),
    ...mixtures("operational", { self: ["fit", "unfit"], b: others, c: others, signal: ["switchover", "switchover to b"] }),
    ...mixtures("operational", { b: ["fit", "silent"], signal: ["failed"] }),
  ],
  "handing-over": mixtures("handing-over", {
    self: ["fit", "unfit"],
    b: others,
    lease: ["good", "runs out"],
    isTimeUp: [false, true],
    signal: ["time", "stopped"],
  }),
  draining: [
    ...mixtures("draining", {
      self: ["fit", "unfit", "ending"],
      b: others,
      look: ["open", "b has all", "b lacks 4"],
      isTimeUp: [false, true],
    }),
    ...mixtures("draining", { look: ["open", "b has all"], lease: ["runs out"] }),
  ],
  "stepping-down": mixtures("stepping-down", { b: ["fit", "silent"], isTimeUp: [false, true], signal: ["time", "stopped"] }),
  isolated: mixtures("isolated", { self: ["fit", "unfit", "ending"], b: anyPeer, c: ["fit", "silent"] }),
  "safe-halt": mixtures("safe-halt", { self: ["fit", "unfit", "quarantined"], b: anyPeer, c: others }),
  left: mixtures("left", { self: ["fit", "ending"] }),
};

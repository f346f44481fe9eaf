import { step } from "../../../shared/domain/failover/step.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { decisionOn, type Signal, signals } from "../../shared/domain/failover/golden/decision.ts";
import { nowMs, type View, viewedState } from "../../shared/domain/failover/golden/view.ts";
import { type FuzzTarget, promise, sameAs } from "../fuzz-target.ts";

const peers = ["fit", "unfit", "silent", "deaf", "holds", "just started", "quarantined"] as const;
const choices = {
  state: [
    "just-started",
    "standby",
    "waiting",
    "asking",
    "starting",
    "operational",
    "handing-over",
    "draining",
    "stepping-down",
    "isolated",
    "safe-halt",
    "left",
  ],
  self: ["fit", "unfit", "ending", "quarantined", "unlisted", "failed before"],
  b: peers,
  c: peers,
  order: ["abc", "acb", "bac", "bca", "cab", "cba"],
  failback: ["manual", "due", "frozen"],
  lease: ["good", "runs out"],
  votes: ["a", "ab", "ac", "abc"],
  isTimeUp: [false, true],
  look: ["open", "b has all", "b lacks 4"],
} as const satisfies { readonly [Field in keyof View]: readonly View[Field][] };
const fields = Object.entries(choices) as [keyof View, readonly unknown[]][];

/** Each byte chooses one thing of the view; the last one what happens. */
function viewIn(input: Uint8Array): { readonly view: View; readonly signal: Signal } {
  const view = Object.fromEntries(
    fields.map(([field, from], index): [string, unknown] => [field, from[(input[index] ?? 0) % from.length]]),
  );
  return { view: view as unknown as View, signal: signals[(input[fields.length] ?? 0) % signals.length] ?? "time" };
}

const letters: Readonly<Record<string, string>> = { a: "d", b: "m", c: "z" };

/** The same of three other nodes whose names stand in the same order: who they are must not matter. */
function ofOthers<Value>(value: Value): Value {
  const text = JSON.stringify(value).replaceAll(/node_([abc])\1{19}/g, (id, letter: string) =>
    id.replaceAll(letter, letters[letter] ?? letter),
  );
  return JSON.parse(text) as Value;
}

export const decision: FuzzTarget = {
  name: "decision",
  reads: "what a node decides on a view of its cluster: the same whoever the nodes are, and nothing without a vote",
  share: 2,
  seeds: Array.from({ length: 8 }, (_, start) =>
    Uint8Array.from({ length: fields.length + 1 }, (_, index) => (start * 7 + index * 3) % 256),
  ),
  execute: (input) => {
    const { view, signal } = viewIn(input);
    const before = viewedState(view);
    const asItWas = JSON.stringify(before);
    const now = usFromMs(nowMs);
    const decided = decisionOn(view, signal);
    const { state, effects } = step(before, { type: "tick" }, now);
    promise(JSON.stringify(before) === asItWas, "a step changes the state that it was given");
    sameAs(step(before, { type: "tick" }, now), { state, effects }, "the same step");
    promise(decisionOn(view, signal) === decided, "the same view is decided otherwise");
    const ofOther = step(ofOthers(before), { type: "tick" }, now);
    sameAs(JSON.stringify(ofOther), JSON.stringify(ofOthers({ state, effects })), "a decision among other nodes");
    return decided.startsWith("stays") ? "refused" : "accepted";
  },
};

import type { GroupName } from "../ids.ts";
import { fitSuccessors } from "../priority/candidate-order.ts";
import { msFromUs } from "../time.ts";
import { unfitness } from "./eligibility.ts";
import { fitnessOfAll } from "./halt.ts";
import { editGroup, groupOf, leaseUsOf, report, type Turn } from "./turn.ts";

/**
 * The holder is not fit for its group, and no other node is either: it stays, since a service that limps is better than none, and
 * says so. Told once it has lasted for one T, because the first of two nodes to fall ill often hears of the other a moment later.
 */
export function noticeUnfitHolder(turn: Turn, name: GroupName): void {
  const { state, nowUs } = turn;
  const run = groupOf(turn, name);
  const known = run.unfitHolder;
  if (run.state !== "operational") {
    // The tenure is over: what ended it is told by itself.
    if (known !== null) editGroup(turn, name, { unfitHolder: null });
    return;
  }
  const isAlone = unfitness(state, run) !== null && fitSuccessors(state, name, nowUs).length === 0;
  if (!isAlone) {
    if (known === null) return;
    if (known.isTold) report(turn, { kind: "group.fit-again", group: name, epoch: run.epoch, unfitMs: msFromUs(nowUs - known.sinceUs) });
    return editGroup(turn, name, { unfitHolder: null });
  }
  if (known === null) return editGroup(turn, name, { unfitHolder: { sinceUs: nowUs, isTold: false } });
  if (known.isTold || nowUs - known.sinceUs < leaseUsOf(state)) return;
  const reason = fitnessOfAll({ turn, name, signal: { type: "time" } });
  report(turn, { kind: "group.nobody-fit", group: name, epoch: run.epoch, reason });
  editGroup(turn, name, { unfitHolder: { ...known, isTold: true } });
}

import { raiseSessionPriority, raiseThreadPriority } from "../../agent/node/thread-priority.ts";

/** For the lab's own instruments, which are no part of what is struck: one that is starved of a processor would see silences that nobody else does. */
export function goFirst(): void {
  const problem = raiseThreadPriority() ?? raiseSessionPriority();
  if (problem !== null) throw new Error(`the lab's instruments must run at raised priority, and cannot: ${problem}`);
}

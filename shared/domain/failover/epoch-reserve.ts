import type { GroupName } from "../ids.ts";
import type { DurableRecord } from "./durable-record.ts";
import { isSameRecord, longPromisesOf } from "./long-promise.ts";
import { edit, entries, type Turn } from "./turn.ts";

/** Numbers reserved beyond the highest known, and how few may be left before more are: a grant never waits for a disk. */
const reservedAhead = 16;
const leftMin = 8;

/** Has the disk told of epochs before they are used, and of long promises before they are made (durable-record.ts). */
export function keepRecord(turn: Turn): void {
  const { state } = turn;
  const short = Object.values(state.groups).filter(({ name, epochSeen }) => (state.reserved[name] ?? 0) - epochSeen < leftMin);
  const longPromises = longPromisesOf(state, turn.nowUs);
  if (short.length === 0 && isSameRecord(longPromises, state.recordedLong)) return;
  const reserved: Record<GroupName, number> = { ...state.reserved };
  for (const { name, epochSeen } of short) reserved[name] = epochSeen + reservedAhead;
  edit(turn, { reserved, recordedLong: longPromises });
  turn.effects.push({
    type: "persist",
    record: { incarnation: state.incarnation, epochCeilings: reserved, longPromises, soles: state.soles },
  });
}

/** The disk has it. */
export function noteStored(turn: Turn, { epochCeilings, soles }: DurableRecord): void {
  const stored: Record<GroupName, number> = { ...turn.state.stored };
  for (const [group, ceiling] of entries(epochCeilings)) stored[group] = Math.max(stored[group] ?? 0, ceiling);
  // The peer waits to hear of it.
  if (entries(soles).some(([group, sole]) => turn.state.solesStored[group]?.number !== sole.number)) turn.heartbeatDue = true;
  edit(turn, { stored, solesStored: soles });
}

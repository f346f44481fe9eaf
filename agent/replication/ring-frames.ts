import type { Word } from "../../shared/domain/replication/exchange-state.ts";
import type { AgeMatrix, Pulse } from "../../shared/domain/replication/pulse.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";

/** By which its frames tell the others in which time zone this machine counts. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function stateFrame(dataSet: string, { vector, known, ...word }: Word): FrameOf<"state"> {
  const vectors = Object.fromEntries(Object.entries(known).map(([node, has]) => [node, { ...has }]));
  return { type: "state", dataSet, ...word, vector: { ...vector }, known: vectors };
}

/** `wallMs`: this machine's wall clock as it goes out. */
export function pulseFrame({ sentMs, echo, clocks, ages }: Pulse, wallMs: number): FrameOf<"pulse"> {
  return { type: "pulse", wallMs, zone: ownZone, sentMs, echo, clocks: { ...clocks }, ages: plain(ages) };
}

function plain(ages: Readonly<Record<string, AgeMatrix>>): FrameOf<"pulse">["ages"] {
  return Object.fromEntries(
    Object.entries(ages).map(([dataSet, rows]) => [
      dataSet,
      Object.fromEntries(Object.entries(rows).map(([node, row]) => [node, { ...row }])),
    ]),
  );
}

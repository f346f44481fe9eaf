/**
 * When an application gets the file to itself. Who waits for SQLite's lock looks again and again: at most 50 ms apart as long as it has waited for no more than 0.18 s, every 100 ms
 * later. Between two transactions of the agent's that follow each other at once it hardly ever finds the lock free; a pause as long as from one look to the next lets it in.
 */
export interface ApplicationTurn {
  /** When the agent began to have the file most of the time. */
  readonly sinceMs: number;
  /** For how long of that it had it. */
  readonly heldMs: number;
  /** When it had it last. */
  readonly endedMs: number;
  /** The agent leaves it alone until then. */
  readonly untilMs: number;
}

export const noTurn: ApplicationTurn = { sinceMs: 0, heldMs: 0, endedMs: 0, untilMs: 0 };

const looks = { closeMs: 50, farMs: 100, closeForMs: 178 };
/** So long the agent may have the file before anybody else gets it; and only where it has had it for more than so much of the time. */
const spell = { heldMs: 150, share: 0.75 };

/** The agent had the file from `beganMs` to `endedMs`. */
export function afterHolding(
  turn: ApplicationTurn,
  { beganMs, endedMs }: { readonly beganMs: number; readonly endedMs: number },
): ApplicationTurn {
  const tookMs = endedMs - beganMs;
  const goesOn = beganMs - turn.endedMs < looks.closeMs;
  const sinceMs = goesOn ? turn.sinceMs : beganMs;
  const heldMs = (goesOn ? turn.heldMs : 0) + tookMs;
  if (heldMs < spell.heldMs) return { sinceMs, heldMs, endedMs, untilMs: 0 };
  const isCrowded = heldMs > (endedMs - sinceMs) * spell.share;
  const pauseMs = tookMs > looks.closeForMs ? looks.farMs : looks.closeMs;
  return { sinceMs: endedMs, heldMs: 0, endedMs, untilMs: isCrowded ? endedMs + pauseMs : 0 };
}

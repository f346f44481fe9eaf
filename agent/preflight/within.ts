import { setTimeout as sleep } from "node:timers/promises";
import type { Seen } from "../../shared/domain/preflight/preflight-facts.ts";
import { reasonOf } from "../agent-error.ts";

/** What a look has found, or why it has not: one that hangs (a disk, a resolver) holds up no other. Never rejects. */
export async function within<Value>(ms: number, look: Promise<Value>): Promise<Seen<Value>> {
  const timer = new AbortController();
  const late = sleep(ms, { problem: `no answer within ${ms / 1_000} s` }, { signal: timer.signal, ref: false });
  const seen = look.then(
    (value): Seen<Value> => ({ value }),
    (error: unknown): Seen<Value> => ({ problem: reasonOf(error) }),
  );
  try {
    return await Promise.race([seen, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

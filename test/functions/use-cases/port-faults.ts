import { NotifierError } from "../../../functions/notify/notifier.ts";
import type { SeededRandom } from "../../../shared/domain/seeded-random.ts";

/** The process dies here. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** How often a call goes wrong, from 0 to 1. */
export interface FaultRates {
  /** The process dies, before or after the call has worked. */
  readonly killed: number;
  /** SNS refuses for now, or takes the alert and its answer is lost. */
  readonly publishFails: number;
}

/** Each call of a port is a step at which the process may die: just before it, or just after it has worked. */
export class PortFaults {
  #killAt: { step: number; when: "before" | "after" } | null = null;
  #chance: { readonly random: SeededRandom; readonly rates: FaultRates } | null = null;
  /** Steps made since the last `killing`. */
  #steps = 0;
  /** What the killed step was; null: it was none. */
  killed: string | null = null;
  /** What has gone wrong since `striking` began. */
  struck = 0;

  /** The process dies at this step of what comes next, counted from 1. */
  killing(step: number, when: "before" | "after"): void {
    this.#steps = 0;
    this.#killAt = { step, when };
    this.killed = null;
  }

  /** From now on, by chance. */
  striking(random: SeededRandom, rates: FaultRates): void {
    this.#chance = { random, rates };
    this.struck = 0;
  }

  /** Everything works, whatever was to come. */
  sparing(): void {
    this.#killAt = null;
    this.#chance = null;
  }

  /** The port, with these faults. */
  of<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method, target);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const step = `${name}.${String(method)}`;
          const fault = this.#next(step);
          if (fault?.when === "before") throw fault.error;
          const result: unknown = await Reflect.apply(value, target, args);
          if (fault?.when === "after") throw fault.error;
          return result;
        };
      },
    });
  }

  #next(step: string): { readonly when: "before" | "after"; readonly error: Error } | null {
    this.#steps += 1;
    if (this.#killAt?.step === this.#steps) {
      const { when } = this.#killAt;
      this.#killAt = null;
      this.killed = `${when} ${step}`;
      return { when, error: new Killed() };
    }
    if (this.#chance === null) return null;
    const { random, rates } = this.#chance;
    const when = random.fraction() < 0.5 ? "before" : "after";
    const [isKilled, isRefused] = [random.fraction() < rates.killed, random.fraction() < rates.publishFails];
    const error = isKilled ? new Killed() : step === "notifier.publish" && isRefused ? unanswered(when) : null;
    if (error === null) return null;
    this.struck += 1;
    return { when, error };
  }
}

function unanswered(when: "before" | "after"): NotifierError {
  return when === "before"
    ? new NotifierError("throttled", "rate exceeded", undefined)
    : new NotifierError("unavailable", "the answer did not come in time", undefined);
}

import type { VirtualClock } from "./virtual-clock.ts";
import type { World } from "./world.ts";

interface Due {
  readonly atUs: number;
  readonly stoodUs: number;
  readonly run: () => void;
}

/**
 * What is due on one server, agent, guardian and kernel alike, and its clock. While the whole machine stands still, as a virtual one that was paused
 * does, nothing on it happens; when it goes on everything is due that much later, as if no time had passed.
 */
export class Machine {
  readonly #world: World;
  #clock: VirtualClock;
  #stillSinceUs: number | null = null;
  /** How long it has stood still altogether. */
  #stoodUs = 0;
  #waiting: Due[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#clock = world.newClock();
  }

  /** Another one after every loss of power. */
  get clock(): VirtualClock {
    return this.#clock;
  }

  get localUs(): number {
    return this.#clock.localUs(this.#world.nowUs);
  }

  get isStill(): boolean {
    return this.#stillSinceUs !== null;
  }

  /** True time without what it has stood still. */
  get ranUs(): number {
    return this.#world.nowUs - this.#stoodUs;
  }

  /** Whatever stood still goes on, for what it is worth, with another clock. */
  losePower(clock: VirtualClock): void {
    this.goOn();
    this.#clock = clock;
  }

  /** At this true time, should the machine not stand still before. */
  at(atUs: number, run: () => void): void {
    const due = { atUs, stoodUs: this.#stoodUs, run };
    this.#world.queue.at(atUs, () => this.#happen(due));
  }

  after(takesUs: number, run: () => void): void {
    this.at(this.#world.nowUs + takesUs, run);
  }

  /** When its clock reads this, `lateUs` later; now where it already does. */
  atLocal(localUs: number, run: () => void, lateUs = 0): void {
    this.at(Math.max(this.#clock.trueUs(localUs), this.#world.nowUs) + lateUs, run);
  }

  standStill(): void {
    this.#stillSinceUs = this.#world.nowUs;
    this.#clock.stop(this.#world.nowUs);
  }

  goOn(): void {
    if (this.#stillSinceUs === null) return;
    this.#stoodUs += this.#world.nowUs - this.#stillSinceUs;
    this.#stillSinceUs = null;
    this.#clock.goOn(this.#world.nowUs);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const due of waiting) this.#happen(due);
  }

  #happen(due: Due): void {
    if (this.isStill) return void this.#waiting.push(due);
    const laterUs = this.#stoodUs - due.stoodUs;
    if (laterUs > 0) return this.at(due.atUs + laterUs, due.run);
    due.run();
  }
}

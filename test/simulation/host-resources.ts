import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import type { LeaseRelease } from "../../shared/domain/failover/messages.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/**
 * What really runs of one group on a server, whatever its agent believes. A guard outside the agent's process ends it when the lease that
 * it was last told has ended, and is a little late itself; it goes by the same machine's clock.
 */
export class HostResources {
  state: "down" | "starting" | "up" | "stopping" = "down";
  epoch = 0;
  readonly #world: World;
  readonly #host: Host;
  readonly #group: GroupName;
  #holdUntilUs = 0;
  #testament: LeaseRelease | null = null;
  #isGuarded = false;
  #generation = 0;
  /** What the agent has ordered and counts on, also where the kernel's guard has ended it meanwhile: as the agent's keeper of resources. */
  #kept: { readonly run: number; readonly phase: "running" | "stopping" } | null = null;
  #downAtUs = 0;
  #upAtUs = 0;

  constructor(world: World, host: Host, group: GroupName) {
    this.#world = world;
    this.#host = host;
    this.#group = group;
  }

  get isUp(): boolean {
    return this.state !== "down";
  }

  /** Since when its addresses have answered, true time: they are the last to start and the first to stop. Null: they do not. */
  get answersSinceUs(): number | null {
    return this.state === "up" && !this.#host.machine.isStill ? this.#upAtUs : null;
  }

  /** When they last went down, true time. */
  get downAtUs(): number {
    return this.#downAtUs;
  }

  /** `testament`: what the guardian may say for the agent, should that be dead. */
  hold(untilUs: number, testament: LeaseRelease): void {
    // What the kernel guards ends when the lease does that it was last told of.
    if (!this.#host.beside.isWell) return;
    const isShortened = untilUs < this.#holdUntilUs;
    this.#holdUntilUs = untilUs;
    this.#testament = testament;
    if (!this.#isGuarded || isShortened) this.#guard();
  }

  start(epoch: number): void {
    if (this.#host.beside.isDead) return this.#failWithoutGuardian(epoch);
    this.#world.oracle.of(this.#group).starting(this.#host, epoch);
    this.state = "starting";
    this.epoch = epoch;
    this.#kept = { run: this.#host.run, phase: "running" };
    this.#generation += 1;
    const drawn = this.#world.startTakes();
    const takesUs = this.#host.startTakesUs ?? drawn.takesUs;
    const fails = drawn.fails || this.#host.startFails;
    const answer = this.#host.later(
      fails
        ? { type: "resources-failed", group: this.#group, epoch, reason: "it would not start" }
        : { type: "resources-started", group: this.#group, epoch, addresses: [] },
    );
    this.#after(takesUs, () => {
      if (!this.#host.beside.isWell) return;
      this.state = "up";
      this.#upAtUs = this.#world.nowUs;
      answer();
    });
  }

  /** Gently, and by force in time for the deadline, as long as the agent or its guardian runs; else that is the guard's work. */
  stop(epoch: number, deadlineUs: number): void {
    if (this.isUp) this.state = "stopping";
    if (this.#kept !== null) this.#kept = { ...this.#kept, phase: "stopping" };
    this.#generation += 1;
    const answer = this.#host.later({ type: "resources-stopped", group: this.#group, epoch });
    const done = (): void => {
      this.killAll("stopped");
      this.#kept = null;
      answer();
    };
    const generation = this.#generation;
    this.#after(this.#host.stopTakesUs ?? this.#world.stopTakesUs(), () => {
      if (this.#host.beside.isWell || !this.isUp) done();
    });
    this.#host.machine.atLocal(deadlineUs, () => {
      if (generation === this.#generation && (this.#host.process === "running" || this.#host.guardian.isWaiting)) done();
    });
  }

  #failWithoutGuardian(epoch: number): void {
    const reason = "the guardian, which runs the resources, is not there at the moment";
    this.#host.machine.after(200, this.#host.later({ type: "resources-failed", group: this.#group, epoch, reason }));
  }

  /** The agent ends what its guardian has left. What it says of that to the core; null: it had nothing running that it knows of. */
  sweep(): NodeEvent | null {
    const { state, epoch } = this;
    const kept = this.#kept?.run === this.#host.run ? this.#kept : null;
    this.#kept = null;
    this.killAll("by the agent, since the guardian is dead");
    if (state === "down" && kept === null) return null;
    if (state === "stopping" || (state === "down" && kept?.phase === "stopping"))
      return { type: "resources-stopped", group: this.#group, epoch };
    return { type: "resources-failed", group: this.#group, epoch, reason: "the guardian process was ended by SIGKILL" };
  }

  killAll(why: string): void {
    this.#generation += 1;
    if (!this.isUp) return;
    this.state = "down";
    this.#downAtUs = this.#world.nowUs;
    this.#world.log(this.#host, `${this.#world.labelOf(this.#group)}resources are down (${why})`);
  }

  /** The agent is dead and its guardian is not: it takes down what still runs at once, and only then gives the lease back. */
  outliveAgent(): void {
    const { epoch } = this;
    const testament = this.#testament;
    if (!this.isUp || testament === null) return;
    const say = (): void => {
      for (const { nodeId } of membersOf(this.#host.document)) {
        if (nodeId !== this.#host.id) this.#world.send(this.#host, nodeId, testament);
      }
    };
    if (this.#world.mutant?.guardianSpeaksFirst === true) return say();
    this.#host.machine.after(this.#world.guardDelayUs(), () => {
      if (!this.isUp || this.epoch !== epoch) return;
      this.killAll("by the guardian, since the agent is dead");
      say();
    });
  }

  #after(takesUs: number, run: () => void): void {
    const generation = this.#generation;
    this.#host.machine.after(takesUs, () => {
      if (generation === this.#generation) run();
    });
  }

  #guard(): void {
    const { machine } = this.#host;
    const { clock } = machine;
    this.#isGuarded = true;
    const wake = (): void => {
      this.#isGuarded = false;
      if (clock !== machine.clock) return;
      // Also while nothing runs: what is started next under the same lease is guarded from the first.
      if (machine.localUs < this.#holdUntilUs) this.#guard();
      else if (this.isUp) this.killAll("by the guard, since the lease has ended");
    };
    machine.atLocal(this.#holdUntilUs, wake, this.#world.guardDelayUs());
  }
}

import type { GroupName } from "../../shared/domain/ids.ts";
import { type MonotonicUs, US_PER_MS, usFromMs } from "../../shared/domain/time.ts";
import { monotonicUs, settledBy } from "../resources/monotonic.ts";
import { type GuardedResource, isSameResource, type Resource, type ResourceTrace, type Tenure } from "../resources/resource.ts";
import type { GuardianNotice, Hold } from "./guardian-protocol.ts";

/** A lease that is not renewed counts as lost this long before it ends: time for the kernel to end the processes. */
const fenceReserveMs = 40;

/** So long before a deadline whatever is still to be stopped is stopped at once, out of its turn. */
const hurryReserveMs = 60;

export interface GuardedGroupOptions {
  readonly name: GroupName;
  readonly notify: (notice: GuardianNotice) => void;
  /** Null where this node's settings have no such service. */
  readonly makeResource: (definition: GuardedResource, tenure: Tenure) => Resource | null;
  /** Notes on disk what runs, or is about to. Never rejects, and is over in a moment whatever the disk does. */
  readonly record: () => Promise<void>;
}

interface StartFailure {
  readonly resource: GuardedResource;
  readonly reason: string;
}

/**
 * What runs for one group, and until when. Starts are carried out one after the other; taking down waits for nothing, and
 * whatever start is under way finds out by the generation that it is no longer wanted.
 */
export class GuardedGroup {
  readonly #options: GuardedGroupOptions;
  #epoch = 0;
  #untilUs: MonotonicUs = 0;
  #testament = "";
  #fence: NodeJS.Timeout | null = null;
  #generation = 0;
  #work: Promise<void> = Promise.resolve();
  #starting = false;
  #resources: readonly Resource[] = [];

  constructor(options: GuardedGroupOptions) {
    this.#options = options;
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  get isRunning(): boolean {
    return this.#resources.length > 0 || this.#starting;
  }

  hold(hold: Hold): void {
    if (hold.epoch < this.#epoch) return;
    const isShortened = hold.untilUs < this.#untilUs;
    this.#epoch = hold.epoch;
    this.#untilUs = hold.untilUs;
    this.#testament = hold.testament;
    this.holdOn();
    // A long lease that has become an ordinary one again ends before the timer would fire.
    if (isShortened && this.#fence !== null) clearTimeout(this.#fence);
    if (this.#fence === null || isShortened) this.#armFence();
  }

  holdOn(): void {
    for (const resource of this.#resources) resource.hold(this.#untilUs);
  }

  tellProcesses(): void {
    for (const { trace } of this.#resources) this.#tellProcess(trace);
  }

  start(epoch: number, definitions: readonly GuardedResource[]): void {
    const generation = this.#generation;
    this.#work = this.#work.then(() => this.#start(epoch, definitions, generation)).catch((error: unknown) => this.#trouble(error));
  }

  /** What has failed is started anew, and so is what was started after it. */
  restart(epoch: number, definitions: readonly GuardedResource[], failed: readonly GuardedResource[]): void {
    const generation = this.#generation;
    this.#work = this.#work
      .then(() => this.#restart(epoch, definitions, failed, generation))
      .catch((error: unknown) => this.#trouble(error));
  }

  stop(epoch: number, deadlineUs: MonotonicUs): void {
    this.#afterTakedown(deadlineUs, () => this.#options.notify({ type: "stopped", group: this.#options.name, epoch }));
  }

  /**
   * Everything, before the lease ends that was last told. Resolves with the words that give the lease back, where there was anything to take
   * down; rejects where the kernel does not end a process.
   */
  async takeDown(): Promise<string | null> {
    const testament = this.isRunning ? this.#testament : null;
    await this.#takeDown(this.#untilUs);
    return testament;
  }

  /**
   * One timer, set anew when it fires and finds the lease renewed: a beat costs no timer. What has come meanwhile is read first: a guardian
   * that was frozen itself would else take down what the agent has renewed all the while.
   */
  #armFence(): void {
    const leftMs = (this.#untilUs - monotonicUs()) / US_PER_MS - fenceReserveMs;
    this.#fence = leftMs > 0 ? setTimeout(() => setImmediate(() => this.#armFence()), leftMs) : null;
    if (this.#fence !== null || !this.isRunning) return;
    const [epoch, group] = [this.#epoch, this.#options.name];
    const reason = "the agent did not renew its lease in time, so its guardian took the resources down";
    this.#afterTakedown(this.#untilUs, () => this.#options.notify({ type: "fenced", group, epoch, reason }));
  }

  #afterTakedown(deadlineUs: MonotonicUs, then: () => void): void {
    const down = this.#takeDown(deadlineUs).then(then, (error: unknown) => this.#trouble(error));
    // The next start waits for it.
    this.#work = Promise.all([this.#work, down]).then(() => undefined);
  }

  async #takeDown(deadlineUs: MonotonicUs): Promise<void> {
    this.#generation += 1;
    await this.#end(this.#resources, deadlineUs);
  }

  async #start(epoch: number, definitions: readonly GuardedResource[], generation: number): Promise<void> {
    this.#starting = true;
    const failure = await this.#startAll(epoch, definitions, generation);
    this.#starting = false;
    const { notify, name } = this.#options;
    if (failure === null) return notify({ type: "started", group: name, epoch });
    if (generation === this.#generation) await this.#takeDown(this.#untilUs);
    notify({ type: "start-failed", group: name, epoch, ...failure });
  }

  async #restart(
    epoch: number,
    definitions: readonly GuardedResource[],
    failed: readonly GuardedResource[],
    generation: number,
  ): Promise<void> {
    // It was stopped meanwhile, and whoever did that has been told.
    if (generation !== this.#generation) return;
    const first = this.#resources.findIndex((running) => failed.some((one) => isSameResource(one, running.definition)));
    if (first >= 0) await this.#end(this.#resources.slice(first), this.#untilUs);
    await this.#start(epoch, definitions, generation);
  }

  async #startAll(epoch: number, definitions: readonly GuardedResource[], generation: number): Promise<StartFailure | null> {
    const unwanted = (): boolean => generation !== this.#generation || epoch !== this.#epoch || this.#untilUs <= monotonicUs();
    const surplus = this.#resources.filter((running) => !definitions.some((wanted) => isSameResource(wanted, running.definition)));
    await this.#end(surplus, this.#untilUs);
    for (const definition of definitions) {
      if (this.#resources.some((running) => isSameResource(definition, running.definition))) continue;
      const resource = this.#options.makeResource(definition, { group: this.#options.name, epoch });
      if (resource === null) return { resource: definition, reason: `this node's settings have no service ${definition.name}` };
      const reason = await this.#startOne(resource, epoch, unwanted);
      if (reason !== null) return { resource: definition, reason };
    }
    const [first] = definitions;
    return first !== undefined && unwanted() ? { resource: first, reason: "it was stopped while it started" } : null;
  }

  /** Null where it runs, else why it does not. */
  async #startOne(resource: Resource, epoch: number, unwanted: () => boolean): Promise<string | null> {
    const group = this.#options.name;
    const before = this.#resources;
    this.#resources = [...before, resource];
    await this.#options.record();
    if (unwanted()) return "this node's lease for the group ended before it could start";
    resource.hold(this.#untilUs);
    const outcome = resource.start({ group, epoch });
    this.#tellProcess(resource.trace);
    await this.#options.record();
    const result = await outcome;
    return result.started ? null : result.reason;
  }

  #tellProcess(trace: ResourceTrace): void {
    const { notify, name } = this.#options;
    if (trace.kind === "service" && trace.process !== null)
      notify({ type: "spawned", group: name, service: trace.name, pid: trace.process.pid });
  }

  /** In reverse, each when the one after it is down; but none waits for its turn until the deadline. */
  async #end(resources: readonly Resource[], deadlineUs: MonotonicUs): Promise<void> {
    if (resources.length === 0) return;
    const downs: Promise<void>[] = [];
    for (const resource of resources.toReversed()) {
      const down = resource.stop(deadlineUs);
      downs.push(down);
      await settledBy(deadlineUs - usFromMs(hurryReserveMs), Promise.allSettled([down]));
    }
    await Promise.all(downs);
    this.#resources = this.#resources.filter((running) => !resources.includes(running));
    // Nobody waits for it: a record that names too much only costs a look at the next start.
    void this.#options.record();
  }

  #trouble(error: unknown): void {
    this.#options.notify({
      type: "trouble",
      reason: `group ${this.#options.name}: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

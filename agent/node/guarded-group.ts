import type { GroupName } from "../../shared/domain/ids.ts";
import { type MonotonicUs, US_PER_MS } from "../../shared/domain/time.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import type { Service } from "../resources/service.ts";
import type { GuardianNotice, Hold } from "./guardian-protocol.ts";

/** A lease that is not renewed counts as lost this long before it ends: time for the kernel to end the processes. */
const fenceReserveMs = 40;

export interface GuardedGroupOptions {
  readonly name: GroupName;
  readonly notify: (notice: GuardianNotice) => void;
  /** Null where this node's settings have no such service. */
  readonly makeService: (name: string, group: GroupName, epoch: number) => Service | null;
  /** Notes on disk what runs, or is about to. Never rejects. */
  readonly record: () => Promise<void>;
}

/**
 * What runs for one group, and until when. Starts are carried out one after the other; taking down waits for nothing, and
 * whatever start is under way finds out by the generation that it is no longer wanted.
 */
export class GuardedGroup {
  readonly #options: GuardedGroupOptions;
  #epoch = 0;
  #untilUs: MonotonicUs = 0;
  #fence: NodeJS.Timeout | null = null;
  #generation = 0;
  #work: Promise<void> = Promise.resolve();
  #starting = false;
  #services: readonly Service[] = [];

  constructor(options: GuardedGroupOptions) {
    this.#options = options;
  }

  get services(): readonly Service[] {
    return this.#services;
  }

  hold(hold: Hold): void {
    if (hold.epoch < this.#epoch) return;
    this.#epoch = hold.epoch;
    this.#untilUs = hold.untilUs;
    if (this.#fence === null) this.#armFence();
  }

  start(epoch: number, names: readonly string[]): void {
    const generation = this.#generation;
    this.#work = this.#work.then(() => this.#start(epoch, names, generation)).catch((error: unknown) => this.#trouble(error));
  }

  stop(epoch: number, deadlineUs: MonotonicUs): void {
    this.#afterTakedown(deadlineUs, () => this.#options.notify({ type: "stopped", group: this.#options.name, epoch }));
  }

  /** Everything, before the lease ends that was last told. Rejects where the kernel does not end a process. */
  takeDown(): Promise<void> {
    return this.#takeDown(this.#untilUs);
  }

  /** One timer, set anew when it fires and finds the lease renewed: a beat costs no timer. */
  #armFence(): void {
    const leftMs = (this.#untilUs - monotonicUs()) / US_PER_MS - fenceReserveMs;
    this.#fence = leftMs > 0 ? setTimeout(() => this.#armFence(), leftMs) : null;
    if (this.#fence !== null || (this.#services.length === 0 && !this.#starting)) return;
    const [epoch, group] = [this.#epoch, this.#options.name];
    const reason = "the agent did not renew its lease in time, so its guardian took the services down";
    this.#afterTakedown(this.#untilUs, () => this.#options.notify({ type: "fenced", group, epoch, reason }));
  }

  #afterTakedown(deadlineUs: MonotonicUs, then: () => void): void {
    const down = this.#takeDown(deadlineUs).then(then, (error: unknown) => this.#trouble(error));
    // The next start waits for it.
    this.#work = Promise.all([this.#work, down]).then(() => undefined);
  }

  async #takeDown(deadlineUs: MonotonicUs): Promise<void> {
    this.#generation += 1;
    await this.#end(this.#services, deadlineUs);
  }

  async #start(epoch: number, names: readonly string[], generation: number): Promise<void> {
    this.#starting = true;
    const failure = await this.#startAll(epoch, names, generation);
    this.#starting = false;
    const { notify, name } = this.#options;
    if (failure === null) return notify({ type: "started", group: name, epoch });
    if (generation === this.#generation) await this.#takeDown(this.#untilUs);
    notify({ type: "start-failed", group: name, epoch, ...failure });
  }

  async #startAll(epoch: number, names: readonly string[], generation: number): Promise<{ service: string; reason: string } | null> {
    const unwanted = (): boolean => generation !== this.#generation || epoch !== this.#epoch || this.#untilUs <= monotonicUs();
    const surplus = this.#services.filter((service) => !names.includes(service.name));
    await this.#end(surplus, this.#untilUs);
    for (const name of names) {
      if (this.#services.some((running) => running.name === name)) continue;
      const service = this.#options.makeService(name, this.#options.name, epoch);
      if (service === null) return { service: name, reason: `this node's settings have no service ${name}` };
      const reason = await this.#startService(service, epoch, unwanted);
      if (reason !== null) return { service: name, reason };
    }
    return unwanted() ? { service: names[0] ?? "none", reason: "it was stopped while it started" } : null;
  }

  /** Null where it runs, else why it does not. */
  async #startService(service: Service, epoch: number, unwanted: () => boolean): Promise<string | null> {
    const group = this.#options.name;
    const before = this.#services;
    this.#services = [...before, service];
    await this.#options.record();
    if (unwanted()) return "this node's lease for the group ended before it could start";
    const outcome = service.start({ UNDERSTUDY_GROUP: group, UNDERSTUDY_EPOCH: String(epoch) });
    const { process } = service;
    if (process !== null) this.#options.notify({ type: "spawned", group, service: service.name, pid: process.pid });
    await this.#options.record();
    const result = await outcome;
    return result.started ? null : result.reason;
  }

  async #end(services: readonly Service[], deadlineUs: MonotonicUs): Promise<void> {
    if (services.length === 0) return;
    await Promise.all(services.map((service) => service.stop(deadlineUs)));
    this.#services = this.#services.filter((service) => !services.includes(service));
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

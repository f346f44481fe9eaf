import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceResource } from "../../shared/domain/membership/resource.ts";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import type { ServiceSettings } from "../config/agent-settings.ts";
import { Command, describeEnd, type SpawnPriority } from "./command.ts";
import { identify, markedProcesses, markVariable, sendSignal } from "./marked-processes.ts";
import { holdsBy, monotonicUs, settledBy } from "./monotonic.ts";
import { type Resource, type ResourceTrace, refusedStart, type StartOutcome, type Tenure } from "./resource.ts";

/** While a service starts, or ends, it is looked at this often. */
const pollMs = 20;
/** Pause between health checks while the service starts: it shall serve as soon as it can. */
const startCheckPauseMs = 50;
/** Without a health command, a service that has lived for this long has started. */
const settledAfterMs = 300;
/** Kept before the deadline for SIGKILL to have worked. */
const killReserveMs = 25;
/** A process that SIGKILL has not ended after this time hangs in the kernel. */
const killPatienceMs = 2_000;

export interface ServiceOptions {
  readonly definition: ServiceResource;
  readonly settings: ServiceSettings;
  readonly mark: string;
  readonly defaultDirectory: string;
  readonly priority: SpawnPriority;
  /** A service that was well is so no longer, and why. Said once a start. */
  readonly onFailed: (reason: string) => void;
}

/** One service of the customer's on this node: its start, its health, its end. Made anew for every start. */
export class Service implements Resource {
  readonly definition: ServiceResource;
  readonly #options: ServiceOptions;
  readonly #stopAsked: Promise<null>;
  #leader: Command | null = null;
  #stopping = false;
  #askToStop: () => void = () => {};
  #stopByUs: MonotonicUs = Number.POSITIVE_INFINITY;
  #stopped: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    this.definition = options.definition;
    this.#options = options;
    this.#stopAsked = new Promise((resolve) => {
      this.#askToStop = () => resolve(null);
    });
  }

  /** With the start command's process; null once that has ended (the service then runs in the background, or not at all). */
  get trace(): ResourceTrace {
    const pid = this.#leader?.pid ?? null;
    return { kind: "service", name: this.definition.name, process: pid === null ? null : identify(pid) };
  }

  /** Nothing in the kernel ends a process at an instant: the guardian does, by stopping it in time. */
  hold(): void {}

  /** Runs the start command and waits until the service is well. Its processes find group and epoch in their environment. */
  async start({ group, epoch }: Tenure): Promise<StartOutcome> {
    const environment = { UNDERSTUDY_GROUP: group, UNDERSTUDY_EPOCH: String(epoch) };
    const { settings } = this.#options;
    const startedUs = monotonicUs();
    const untilUs = startedUs + usFromMs(settings.startTimeoutMs);
    const leader = this.#run(settings.start, { ...environment, [markVariable]: this.#options.mark }, true);
    this.#leader = leader;
    let ill = "it has not answered yet";
    while (!this.#stopping) {
      const look = settings.health === undefined ? this.#settled(leader, startedUs) : this.#check(settings.health);
      const illness = await Promise.race([look, this.#stopAsked]);
      if (this.#stopping) break;
      // Asked after the check: an older process may have answered for one that could not even start.
      if (hasFailed(leader))
        return refusedStart(`its start command ${describeEnd(leader.end ?? { how: "exit", code: 0 }, leader.lastWords)}`);
      if (illness === null) {
        void this.#watch(leader);
        return { started: true };
      }
      ill = illness;
      if (monotonicUs() >= untilUs) return refusedStart(`it was not well ${settings.startTimeoutMs} ms after its start: ${ill}`);
      await sleep(startCheckPauseMs);
    }
    return refusedStart("it was stopped while it started");
  }

  /**
   * Ends every process of the service: gently first, with SIGKILL where that takes until shortly before the deadline. Resolves
   * when nothing of it is left, so that whoever waits may count on it; rejects where the kernel does not end a process. Said again, it
   * only brings the deadline forward.
   */
  stop(deadlineUs: MonotonicUs): Promise<void> {
    this.#stopByUs = Math.min(this.#stopByUs, deadlineUs);
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#askToStop();
    const { settings } = this.#options;
    const patientUntilUs = monotonicUs() + usFromMs(settings.stopTimeoutMs);
    const gentleUntilUs = (): MonotonicUs => Math.min(patientUntilUs, this.#stopByUs - usFromMs(killReserveMs));
    const command = settings.stop === undefined ? null : this.#run(settings.stop, {}, false);
    if (command === null) this.#signal("SIGTERM");
    const hasEnded = (): boolean => (command === null || command.end !== null) && this.#isGone();
    if (!(await holdsBy(gentleUntilUs, pollMs, hasEnded))) this.#signal("SIGKILL");
    const killedByUs = monotonicUs() + usFromMs(killPatienceMs);
    const gone = await holdsBy(
      () => killedByUs,
      pollMs,
      () => {
        const isGone = this.#isGone();
        if (!isGone) this.#signal("SIGKILL");
        return isGone;
      },
    );
    if (!gone)
      throw new Error(`service ${this.definition.name} has processes that the kernel does not end: ${this.#remaining().join(", ")}`);
    if (command !== null) await this.#finishStopCommand(command);
  }

  /** A stop command may act on processes that the agent cannot see (a system manager's unit): it gets its whole time. */
  async #finishStopCommand(command: Command): Promise<void> {
    const end = await settledBy(monotonicUs() + usFromMs(this.#options.settings.stopTimeoutMs), command.ended);
    if (end === undefined) command.signal("SIGKILL");
  }

  async #watch(leader: Command): Promise<void> {
    const { settings, onFailed } = this.#options;
    let failures = 0;
    while (!this.#stopping) {
      if (leader.end === null) await settledBy(monotonicUs() + usFromMs(settings.healthIntervalMs), leader.ended);
      else await sleep(settings.healthIntervalMs);
      if (this.#stopping) return;
      const ended = this.#endedByItself(leader);
      if (ended !== null) return onFailed(ended);
      const illness = settings.health === undefined ? null : await this.#check(settings.health);
      failures = illness === null ? 0 : failures + 1;
      if (failures >= settings.healthFailures && !this.#stopping) return onFailed(`${illness} (${failures} checks in a row)`);
    }
  }

  /** Why nothing of the service is left, or null. A start command that ended with 0 may have started it in the background. */
  #endedByItself(leader: Command): string | null {
    if (leader.end === null) return null;
    const ended = `it ${describeEnd(leader.end, leader.lastWords)}`;
    return hasFailed(leader) || this.#missing() !== null ? ended : null;
  }

  /** Null where the health command ends with 0 in time, else what is wrong. */
  async #check(health: readonly string[]): Promise<string | null> {
    const { healthTimeoutMs } = this.#options.settings;
    const command = this.#run(health, {}, false);
    const end = await settledBy(monotonicUs() + usFromMs(healthTimeoutMs), command.ended);
    if (end === undefined) {
      command.signal("SIGKILL");
      return `its health command took longer than ${healthTimeoutMs} ms`;
    }
    return end.how === "exit" && end.code === 0 ? null : `its health command ${describeEnd(end, command.lastWords)}`;
  }

  async #settled(leader: Command, startedUs: MonotonicUs): Promise<string | null> {
    const end = await settledBy(startedUs + usFromMs(settledAfterMs), leader.ended);
    return end === undefined ? null : this.#missing();
  }

  /** A service with a stop command may run where the agent cannot see it (as a system manager's unit): it is never missing. */
  #missing(): string | null {
    return this.#isGone() && this.#options.settings.stop === undefined ? "none of its processes is left" : null;
  }

  #isGone(): boolean {
    return (this.#leader === null || this.#leader.end !== null || this.#leader.pid === null) && this.#remaining().length === 0;
  }

  #remaining(): number[] {
    return markedProcesses(this.#options.mark);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#leader?.end === null) this.#leader.signal(signal);
    for (const pid of this.#remaining()) sendSignal(pid, signal);
  }

  #run(argv: readonly string[], environment: Readonly<Record<string, string>>, dieWithParent: boolean): Command {
    const { settings, defaultDirectory, priority } = this.#options;
    const workingDirectory = settings.workingDirectory ?? defaultDirectory;
    return new Command(argv, { workingDirectory, environment: { ...settings.environment, ...environment }, dieWithParent, priority });
  }
}

function hasFailed(leader: Command): boolean {
  return leader.end !== null && !(leader.end.how === "exit" && leader.end.code === 0);
}

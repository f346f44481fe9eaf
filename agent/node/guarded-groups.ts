import type { GroupName } from "../../shared/domain/ids.ts";
import type { SpawnScope } from "../resources/command.ts";
import { identify, serviceMark } from "../resources/marked-processes.ts";
import { Service } from "../resources/service.ts";
import { writeServiceRecord } from "../resources/service-record.ts";
import { GuardedGroup } from "./guarded-group.ts";
import type { GuardianConfiguration, GuardianNotice, GuardianOrder } from "./guardian-protocol.ts";

export interface GuardedGroupsOptions {
  readonly configuration: GuardianConfiguration;
  readonly spawnScope: SpawnScope;
  readonly notify: (notice: GuardianNotice) => void;
}

/** All groups that a guardian has heard of, and the record of what runs for them. */
export class GuardedGroups {
  readonly #options: GuardedGroupsOptions;
  readonly #groups = new Map<GroupName, GuardedGroup>();
  #recording: Promise<void> = Promise.resolve();

  constructor(options: GuardedGroupsOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return [...this.#groups.values()].some(({ services }) => services.length > 0);
  }

  obey(order: GuardianOrder): void {
    switch (order.type) {
      case "hold":
        return this.#group(order.group).hold(order);
      case "start":
        return this.#group(order.group).start(order.epoch, order.services);
      case "stop":
        return this.#group(order.group).stop(order.epoch, order.deadlineUs);
    }
  }

  /** Rejects where the kernel does not end a process; everything else is down then. */
  async takeAllDown(): Promise<void> {
    const downs = await Promise.allSettled([...this.#groups.values()].map((group) => group.takeDown()));
    const failed = downs.find((down) => down.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #group(name: GroupName): GuardedGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const { notify } = this.#options;
    const makeService = (service: string, group: GroupName, epoch: number) => this.#makeService(service, group, epoch);
    const group = new GuardedGroup({ name, notify, makeService, record: () => this.#record() });
    this.#groups.set(name, group);
    return group;
  }

  #makeService(name: string, group: GroupName, epoch: number): Service | null {
    const { configuration, notify, spawnScope } = this.#options;
    const settings = configuration.services[name];
    if (settings === undefined) return null;
    return new Service({
      name,
      settings,
      mark: serviceMark(configuration.directoryMark, name),
      defaultDirectory: configuration.dataDir,
      spawnScope,
      onFailed: (reason) => notify({ type: "service-failed", group, epoch, service: name, reason }),
    });
  }

  /**
   * One write at a time, each with what is true when its turn comes. A disk that refuses it stops nothing: without the record a
   * later agent still finds the processes by their mark.
   */
  #record(): Promise<void> {
    const { configuration, notify } = this.#options;
    const write = async (): Promise<void> => {
      const services = [...this.#groups.values()].flatMap((group) => group.services.map(({ name, process }) => ({ name, process })));
      try {
        await writeServiceRecord(configuration.recordFile, { guardian: identify(process.pid), services });
      } catch (error) {
        notify({ type: "trouble", reason: `what runs cannot be noted: ${error instanceof Error ? error.message : String(error)}` });
      }
    };
    this.#recording = this.#recording.then(write);
    return this.#recording;
  }
}

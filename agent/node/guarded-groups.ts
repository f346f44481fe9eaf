import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { AddressResource, ServiceResource } from "../../shared/domain/membership/resource.ts";
import { usFromMs } from "../../shared/domain/time.ts";
import { Address } from "../resources/address.ts";
import { AddressGates } from "../resources/address-gates.ts";
import type { SpawnPriority } from "../resources/command.ts";
import { IpSessions } from "../resources/ip-sessions.ts";
import { identify, serviceMark } from "../resources/marked-processes.ts";
import { monotonicUs, settledBy } from "../resources/monotonic.ts";
import type { GuardedResource, Resource, Tenure } from "../resources/resource.ts";
import { writeResourceRecord } from "../resources/resource-record.ts";
import { Service } from "../resources/service.ts";
import { GuardedGroup } from "./guarded-group.ts";
import { guardedResources } from "./guarded-resources.ts";
import type { GroupOrder, GuardianConfiguration, GuardianNotice } from "./guardian-protocol.ts";

/** A disk that is slow or hangs keeps no group from starting: nobody waits longer than this for the record. */
const recordMsMax = 50;

export interface GuardedGroupsOptions {
  /** The one of the agent that is obeyed now. */
  readonly configuration: () => GuardianConfiguration;
  readonly priority: SpawnPriority;
  readonly notify: (notice: GuardianNotice) => void;
}

/** All groups that a guardian has heard of, and the record of what runs for them. */
export class GuardedGroups {
  readonly #options: GuardedGroupsOptions;
  readonly #ips = new IpSessions();
  readonly #gates = new AddressGates();
  readonly #groups = new Map<GroupName, GuardedGroup>();
  #recording: Promise<void> = Promise.resolve();

  constructor(options: GuardedGroupsOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return [...this.#groups.values()].some(({ isRunning }) => isRunning);
  }

  /** What a takeover will need that can be there before: by what the document names. */
  makeReady(document: ClusterDocument): void {
    const addresses = document.groups.flatMap(({ name }) => guardedResources(document, name)).filter(({ kind }) => kind === "address");
    this.#ips.keep(addresses.length);
  }

  obey(order: GroupOrder): void {
    switch (order.type) {
      case "hold":
        return this.#group(order.group).hold(order);
      case "start":
        return this.#group(order.group).start(order.epoch, order.resources);
      case "restart":
        return this.#group(order.group).restart(order.epoch, order.resources, order.failed);
      case "stop":
        return this.#group(order.group).stop(order.epoch, order.deadlineUs);
      case "announce":
        return this.#announce();
      case "are-you-alive":
        return this.#options.notify({ type: "alive" });
    }
  }

  /** While nobody renews: what the kernel guards is kept as far as the leases go that were told last. */
  holdOn(): void {
    for (const group of this.#groups.values()) group.holdOn();
  }

  /** What runs, said once more to an agent that has not heard it. */
  tellProcesses(): void {
    for (const group of this.#groups.values()) group.tellProcesses();
  }

  /** The words that give back the leases of what was taken down. Rejects where the kernel does not end a process; everything else is down then. */
  async takeAllDown(): Promise<readonly string[]> {
    const downs = await Promise.allSettled([...this.#groups.values()].map((group) => group.takeDown()));
    const failed = downs.find((down) => down.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return downs.flatMap((down) => (down.status === "fulfilled" && down.value !== null ? [down.value] : []));
  }

  /** Resolves when nothing is left of what was taken down that nobody waits for. */
  async settled(): Promise<void> {
    await this.#gates.settled();
  }

  #group(name: GroupName): GuardedGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const { notify } = this.#options;
    const makeResource = (definition: GuardedResource, tenure: Tenure): Resource | null =>
      definition.kind === "service" ? this.#makeService(definition, tenure) : this.#makeAddress(definition, tenure);
    const group = new GuardedGroup({ name, notify, makeResource, record: () => this.#record() });
    this.#groups.set(name, group);
    return group;
  }

  #announce(): void {
    for (const { resources } of this.#groups.values()) {
      for (const resource of resources) if (resource instanceof Address) resource.announce();
    }
  }

  #makeAddress(definition: AddressResource, { group, epoch }: Tenure): Address {
    const { notify } = this.#options;
    const configuration = this.#options.configuration();
    const { name, address } = definition;
    return new Address({
      definition,
      directoryMark: configuration.directoryMark,
      ips: this.#ips,
      gates: this.#gates,
      onFailed: (reason) => notify({ type: "resource-failed", group, epoch, resource: definition, reason }),
      onConflict: (mac) => notify({ type: "report", detail: { kind: "address.conflict", group, name, address, mac } }),
      onUp: (look) => notify({ type: "address-up", group, epoch, look }),
      onTrouble: (reason) => notify({ type: "trouble", reason }),
    });
  }

  #makeService(definition: ServiceResource, { group, epoch }: Tenure): Service | null {
    const { notify, priority } = this.#options;
    const configuration = this.#options.configuration();
    const { name } = definition;
    const settings = configuration.services[name];
    if (settings === undefined) return null;
    return new Service({
      definition,
      settings,
      mark: serviceMark(configuration.directoryMark, name),
      defaultDirectory: configuration.dataDir,
      priority,
      onFailed: (reason) => notify({ type: "resource-failed", group, epoch, resource: definition, reason }),
    });
  }

  /**
   * One write at a time, each with what is true when its turn comes. A disk that refuses it, or does not get it done in time, stops nothing:
   * without the record a later agent still finds the processes by their mark.
   */
  async #record(): Promise<void> {
    const { notify } = this.#options;
    const write = async (): Promise<void> => {
      const resources = [...this.#groups.values()].flatMap((group) => group.resources.map(({ trace }) => trace));
      try {
        await writeResourceRecord(this.#options.configuration().recordFile, { guardian: identify(process.pid), resources });
      } catch (error) {
        notify({ type: "trouble", reason: `what runs cannot be noted: ${error instanceof Error ? error.message : String(error)}` });
      }
    };
    this.#recording = this.#recording.then(write);
    await settledBy(monotonicUs() + usFromMs(recordMsMax), this.#recording);
  }
}

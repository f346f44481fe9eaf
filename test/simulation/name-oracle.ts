import type { DnsRecord } from "../../shared/domain/membership/answer-resources.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { shortName } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { NameServer, NameValue } from "./name-server.ts";
import type { Violation } from "./oracle.ts";
import type { World } from "./world.ts";

/** A name shall point at who has held its group for so long by its own clock, and whose requests were answered. */
const pointedWithinUs = 1_000_000;

type Violate = (verdict: Violation["verdict"], rule: string, what: string) => void;

/** F1: at every server a name only goes on to later epochs, however late a change of it arrives, and always has an address. */
export class NameOracle {
  readonly #world: World;
  readonly #violate: Violate;

  constructor(world: World, violate: Violate) {
    this.#world = world;
    this.#violate = violate;
  }

  changed(server: NameServer, before: NameValue | null, after: NameValue): void {
    const { group, epoch, node } = after.fence;
    const what = `${this.#world.labelOf(group)}the name at ${server.host}`;
    this.#world.log(null, `${what} is ${after.address ?? "gone"}, of ${shortName(node)} under epoch ${epoch}`);
    this.#world.situations.saw("a name changed");
    if (after.address === null) this.#violate("unsafe", "F1", `${what} has no address any more`);
    if (before === null) return;
    const isLate = epoch < before.fence.epoch || (epoch === before.fence.epoch && node !== before.fence.node);
    if (isLate)
      this.#violate(
        "unsafe",
        "F1",
        `${what} goes from epoch ${before.fence.epoch} of ${shortName(before.fence.node)} to ${epoch} of ${shortName(node)}`,
      );
  }

  refused(): void {
    this.#world.situations.saw("a late change of a name that its server refused");
  }

  /** Everything was healed long ago. A server that did not answer before may be asked again so late that it is not right yet. */
  finish(document: ClusterDocument): void {
    for (const { name: group, resources } of document.groups) {
      const holder = this.#world.holderOf(group);
      const run = holder?.state?.groups[group];
      if (holder === undefined || run === undefined || holder.localUs - run.wonAtUs < pointedWithinUs) continue;
      for (const record of resources) if (record.kind === "dns-record") this.#look(holder, record, run.epoch);
    }
  }

  #look(holder: Host, { domainName }: DnsRecord, epoch: number): void {
    for (const server of this.#world.names?.servers ?? []) {
      const stage = holder.names?.stageAt(server, domainName) ?? null;
      if (stage === "busy" || stage === "waits") this.#world.situations.saw("a name not yet right at the end");
      if (stage === "busy" || stage === "waits") continue;
      const value = server.valueOf(domainName);
      if (value?.fence.node === holder.id && value.fence.epoch === epoch) this.#world.situations.saw("a name right at the end");
      else
        this.#violate(
          "notRecovered",
          "F1",
          `${domainName} at ${server.host} is of epoch ${value?.fence.epoch ?? "none"} at the end, ${shortName(holder.id)} runs epoch ${epoch} (${stage ?? "not kept"})`,
        );
    }
  }
}

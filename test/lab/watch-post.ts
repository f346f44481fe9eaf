import type { LabGroup } from "./lab-group.ts";
import { familyOf, sameFamily } from "./lan.ts";
import { Namespace } from "./namespace.ts";
import { answeringSpans, bothMs } from "./probe-analysis.ts";
import type { Span } from "./probe-record.ts";
import { Prober, type Way } from "./prober.ts";
import { device, type Port, type Switch } from "./switch.ts";

export interface WatchPostOptions {
  /** Of the namespace that is made for it. */
  readonly namespaceName: string;
  /** Who is watched. */
  readonly machines: readonly { readonly namespace: Namespace; readonly port: Port }[];
  readonly groups: readonly Pick<LabGroup, "name" | "address">[];
  /** The last part of its first own address; each machine takes one more. */
  readonly firstAddress: number;
  readonly logFile: string;
}

/**
 * Asks every machine by itself, whatever the network believes about where an address is, and past every fault of the switch: who
 * answers here has the address, whether or not a client can see it. So two that answer at once are found however they are cut off.
 */
export class WatchPost {
  readonly #prober: Prober;
  readonly #groups: readonly string[];

  private constructor(prober: Prober, groups: readonly string[]) {
    this.#prober = prober;
    this.#groups = groups;
  }

  static async open(theSwitch: Switch, options: WatchPostOptions): Promise<WatchPost> {
    const { namespaceName, machines, groups, firstAddress, logFile } = options;
    const namespace = await Namespace.create(namespaceName);
    // Each way has its own port and address, and answers to ARP for no other.
    await namespace.setKernel({
      "ipv4.conf.all.arp_ignore": 1,
      "ipv4.conf.all.arp_announce": 2,
      "ipv4.conf.all.rp_filter": 0,
      "ipv4.conf.default.rp_filter": 0,
    });
    const ways: Way[] = [];
    for (const [index, machine] of machines.entries()) {
      const { name, mac } = machine.port;
      const ownAddress = `10.77.0.${firstAddress + index}`;
      const own = await theSwitch.instrument(namespace, name, ownAddress);
      for (const group of groups) {
        const to = group.address;
        const from = sameFamily(ownAddress, to);
        const table = String(100 + ways.length);
        // Asked by broadcast, it would tell every client of the network who has the group's address now.
        await machine.namespace.ip("neighbour", "replace", from, "lladdr", own.mac, "dev", device, "nud", "permanent");
        await namespace.ip("neighbour", "add", to, "lladdr", mac, "dev", own.name, "nud", "permanent");
        await namespace.ip("route", "add", to, "dev", own.name, "src", from, "table", table);
        await namespace.ip(`-${familyOf(to)}`, "rule", "add", "from", from, "to", to, "table", table);
        ways.push({ label: labelOf(name, group.name), from, to });
      }
    }
    return new WatchPost(
      new Prober(namespace, ways, logFile),
      groups.map(({ name }) => name),
    );
  }

  /** For how long two machines answered at once for the address of one and the same group, in milliseconds. */
  bothAnswerMs(span: Span): number {
    const { record } = this.#prober;
    const both = this.#groups.map((group) => {
      const labels = record.labels.filter((label) => label.endsWith(labelOf("", group)));
      return bothMs(labels.map((label) => answeringSpans(record.probes(label, span))));
    });
    return Math.max(0, ...both);
  }

  /** Whether a machine has answered for a group's address since an instant. */
  hasAnswered(machine: string, group: string, sinceUs: number): boolean {
    return this.#prober.record.lastAnswer(labelOf(machine, group), sinceUs) !== undefined;
  }

  forgetBefore(us: number): void {
    this.#prober.record.forgetBefore(us);
  }
}

function labelOf(machine: string, group: string): string {
  return `${machine}/${group}`;
}

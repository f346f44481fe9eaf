import { join } from "node:path";
import { BadCable } from "./bad-cable.ts";
import type { CableFault } from "./cable-fault.ts";
import { ofSix, withPrefix } from "./lan.ts";
import { Namespace } from "./namespace.ts";
import { runCommand } from "./run-command.ts";

/** The device of every machine that leads to the switch. */
export const device = "eth0";
/** Ports of the lab's own instruments begin like this: no fault touches what they see. */
const instrumentPort = "i-";
const bridge = "bridge";

export interface Port {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
}

/**
 * A switch: a bridge in a namespace of its own, with a port for each machine. Its faults are rules that drop frames on their way
 * through, so that no machine can see them, and ports that are taken down, which a machine sees as a cable that is pulled.
 */
export class Switch {
  readonly #prefix: string;
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #instrumentMacs: string[] = [];
  readonly #badCables = new Map<string, BadCable>();
  #ports = 0;

  private constructor(prefix: string, namespace: Namespace, folder: string) {
    this.#prefix = prefix;
    this.#namespace = namespace;
    this.#folder = folder;
  }

  /** `prefix`: of the names of all namespaces; `folder`: for its programs' logs. */
  static async create(prefix: string, folder: string): Promise<Switch> {
    const namespace = await Namespace.create(`${prefix}-switch`);
    await namespace.ip("link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0");
    await namespace.ip("link", "set", bridge, "up");
    const rules = [
      "add table bridge faults",
      "add set bridge faults cut { type ifname . ifname; }",
      "add set bridge faults filtered { type ifname . ifname; }",
      "add set bridge faults hole { type ifname; }",
      "add set bridge faults lossy { type ifname . ifname; }",
      "add chain bridge faults through { type filter hook forward priority 0; policy accept; }",
      `add rule bridge faults through iifname "${instrumentPort}*" accept`,
      `add rule bridge faults through oifname "${instrumentPort}*" accept`,
      "add rule bridge faults through iifname . oifname @cut drop",
      "add rule bridge faults through ether type { ip, ip6 } iifname . oifname @filtered drop",
      "add rule bridge faults through iifname @hole drop",
      "add rule bridge faults through oifname @hole drop",
      // Where a broadcast is still one frame, and not one for each port.
      "add chain bridge faults announcements { type filter hook prerouting priority 0; policy accept; }",
      "add rule bridge faults through iifname . oifname @lossy numgen random mod 100 < 20 drop",
    ];
    await namespace.run("nft", rules.join("; "));
    return new Switch(prefix, namespace, folder);
  }

  /** A new machine with one port, called by its name. `address`: of IPv4; it gets one of IPv6, too (lan.ts). */
  async machine(name: string, address: string): Promise<{ readonly namespace: Namespace; readonly port: Port }> {
    const namespace = await Namespace.create(`${this.#prefix}-${name}`);
    return { namespace, port: await this.#plug(namespace, name, device, address) };
  }

  /** One more port of a machine, for the lab's instruments. */
  async instrument(namespace: Namespace, name: string, address: string): Promise<Port> {
    const label = `${instrumentPort}${name}`;
    const port = await this.#plug(namespace, label, label, address);
    this.#instrumentMacs.push(port.mac);
    return port;
  }

  /** One more network for a machine of another switch. */
  async join(namespace: Namespace, name: string, inside: string, address: string): Promise<Port> {
    return this.#plug(namespace, name, inside, address);
  }

  async #plug(namespace: Namespace, port: string, inside: string, address: string): Promise<Port> {
    this.#ports += 1;
    const mac = `02:75:73:00:00:${this.#ports.toString(16).padStart(2, "0")}`;
    await this.#namespace.ip("link", "add", port, "type", "veth", "peer", "name", inside, "address", mac, "netns", namespace.name);
    await this.#namespace.ip("link", "set", port, "master", bridge, "up");
    await namespace.ip("link", "set", inside, "up");
    await namespace.ip("address", "add", withPrefix(address), "brd", "+", "dev", inside);
    await namespace.ip("address", "add", withPrefix(ofSix(address)), "dev", inside, "nodad");
    return { name: port, address, mac };
  }

  /** The cable of a machine is pulled: it sees that. */
  async pull(port: string): Promise<void> {
    await this.#namespace.ip("link", "set", port, "down");
  }

  async plugIn(port: string): Promise<void> {
    await this.#namespace.ip("link", "set", port, "up");
  }

  /** Nothing passes from and to a machine, and its link stays up. */
  async blackHole(port: string): Promise<void> {
    await this.#element("hole", `"${port}"`);
  }

  /** Whether or not it was in one. */
  async endBlackHole(port: string): Promise<void> {
    await this.#takeOut("hole", `"${port}"`);
  }

  /** What one machine sends does not reach another. */
  async drop(from: string, to: string): Promise<void> {
    await this.#element("cut", `"${from}" . "${to}"`);
  }

  /** Whether or not it was dropped. */
  async endDrop(from: string, to: string): Promise<void> {
    await this.#takeOut("cut", `"${from}" . "${to}"`);
  }

  /** No IP packet of one machine reaches another, as behind a firewall; they still find each other by ARP. */
  async dropPackets(from: string, to: string): Promise<void> {
    await this.#element("filtered", `"${from}" . "${to}"`);
  }

  /** Of what one machine sends to another, every fifth frame is lost. */
  async lose(from: string, to: string): Promise<void> {
    await this.#element("lossy", `"${from}" . "${to}"`);
  }

  /** The first so many announcements of an IPv4 address (gratuitous ARP) that a machine sends are lost. */
  async loseAnnouncements(port: string, address: string, count: number): Promise<void> {
    const announcement = `ether type arp arp saddr ip ${address} arp daddr ip ${address}`;
    // A day has no second allowance for anybody who stays for minutes.
    const rule = `iifname "${port}" ${announcement} limit rate 1/day burst ${count} packets drop`;
    await this.#namespace.run("nft", `add rule bridge faults announcements ${rule}`);
  }

  /** Frames of a machine, both ways, are late, overtake each other, and come twice. */
  async useBadCable(port: string, fault: CableFault): Promise<void> {
    const options = { namespace: this.#namespace, bridge, port, fault, past: this.#instrumentMacs };
    this.#badCables.set(port, await BadCable.insert({ ...options, logFile: join(this.#folder, `cable-${port}.log`) }));
  }

  /** Everything passes again, but through ports that were pulled. */
  async healAll(): Promise<void> {
    const sets = ["cut", "filtered", "hole", "lossy"].map((set) => `flush set bridge faults ${set}`);
    await this.#namespace.run("nft", [...sets, "flush chain bridge faults announcements"].join("; "));
    for (const [port, cable] of this.#badCables) {
      this.#badCables.delete(port);
      await cable.remove();
    }
  }

  async #element(set: string, element: string): Promise<void> {
    await this.#namespace.run("nft", `add element bridge faults ${set} { ${element} }`);
  }

  /** Taking out what is not in a set is an error; putting in what is there already is none. */
  async #takeOut(set: string, element: string): Promise<void> {
    const whole = `element bridge faults ${set} { ${element} }`;
    await this.#namespace.run("nft", `add ${whole}; delete ${whole}`);
  }

  async remove(): Promise<void> {
    await this.#namespace.remove();
  }
}

/** Names of this system's network namespaces. */
export async function namespaceNames(): Promise<string[]> {
  const listed = await runCommand(["ip", "netns", "list"]);
  return listed.split("\n").flatMap((line) => line.split(" ")[0] || []);
}

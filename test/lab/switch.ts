import { Namespace } from "./namespace.ts";
import { runCommand } from "./run-command.ts";

/** The device of every machine that leads to the switch. */
export const device = "eth0";
/** Ports of the lab's own instruments begin like this: no fault touches what they see. */
const instrumentPort = "i-";
const prefixLength = 24;

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
  #ports = 0;

  private constructor(prefix: string, namespace: Namespace) {
    this.#prefix = prefix;
    this.#namespace = namespace;
  }

  static async create(prefix: string): Promise<Switch> {
    const namespace = await Namespace.create(`${prefix}-switch`);
    await namespace.ip("link", "add", "bridge", "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0");
    await namespace.ip("link", "set", "bridge", "up");
    const rules = [
      "add table bridge faults",
      "add set bridge faults cut { type ifname . ifname; }",
      "add set bridge faults hole { type ifname; }",
      "add set bridge faults lossy { type ifname . ifname; }",
      "add chain bridge faults through { type filter hook forward priority 0; policy accept; }",
      `add rule bridge faults through iifname "${instrumentPort}*" accept`,
      `add rule bridge faults through oifname "${instrumentPort}*" accept`,
      "add rule bridge faults through iifname . oifname @cut drop",
      "add rule bridge faults through iifname @hole drop",
      "add rule bridge faults through oifname @hole drop",
      "add set bridge faults mute { type ifname; }",
      "add rule bridge faults through iifname @mute ether type arp ether daddr ff:ff:ff:ff:ff:ff drop",
      "add rule bridge faults through iifname . oifname @lossy numgen random mod 100 < 20 drop",
    ];
    await namespace.run("nft", rules.join("; "));
    return new Switch(prefix, namespace);
  }

  /** A new machine with one port, called by its name. */
  async machine(name: string, address: string): Promise<{ readonly namespace: Namespace; readonly port: Port }> {
    const namespace = await Namespace.create(`${this.#prefix}-${name}`);
    return { namespace, port: await this.#plug(namespace, name, device, address) };
  }

  /** One more port of a machine, for the lab's instruments. */
  async instrument(namespace: Namespace, name: string, address: string): Promise<string> {
    const label = `${instrumentPort}${name}`;
    await this.#plug(namespace, label, label, address);
    return label;
  }

  /** One more network for a machine of another switch. */
  async join(namespace: Namespace, name: string, inside: string, address: string): Promise<Port> {
    return this.#plug(namespace, name, inside, address);
  }

  async #plug(namespace: Namespace, port: string, inside: string, address: string): Promise<Port> {
    this.#ports += 1;
    const mac = `02:75:73:00:00:${this.#ports.toString(16).padStart(2, "0")}`;
    await this.#namespace.ip("link", "add", port, "type", "veth", "peer", "name", inside, "address", mac, "netns", namespace.name);
    await this.#namespace.ip("link", "set", port, "master", "bridge", "up");
    await namespace.ip("link", "set", inside, "up");
    await namespace.ip("address", "add", `${address}/${prefixLength}`, "brd", "+", "dev", inside);
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

  /** What one machine sends does not reach another. */
  async drop(from: string, to: string): Promise<void> {
    await this.#element("cut", `"${from}" . "${to}"`);
  }

  /** Of what one machine sends to another, every fifth frame is lost. */
  async lose(from: string, to: string): Promise<void> {
    await this.#element("lossy", `"${from}" . "${to}"`);
  }

  /** What a machine broadcasts over ARP is lost: its announcements, and its questions. */
  async muteArp(port: string): Promise<void> {
    await this.#element("mute", `"${port}"`);
  }

  /** Everything passes again, but through ports that were pulled. */
  async healAll(): Promise<void> {
    const sets = ["cut", "hole", "lossy", "mute"].map((set) => `flush set bridge faults ${set}`);
    await this.#namespace.run("nft", sets.join("; "));
  }

  async #element(set: string, element: string): Promise<void> {
    await this.#namespace.run("nft", `add element bridge faults ${set} { ${element} }`);
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

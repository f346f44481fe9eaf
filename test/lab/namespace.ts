import { setTimeout as sleep } from "node:timers/promises";
import { sendSignal } from "../../agent/resources/marked-processes.ts";
import { runCommand } from "./run-command.ts";

const killPatienceMs = 5_000;

/** One network namespace: a machine of its own for whatever runs in it, as far as the network goes. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  static async create(name: string): Promise<Namespace> {
    await runCommand(["ip", "netns", "add", name]);
    const namespace = new Namespace(name);
    await namespace.ip("link", "set", "lo", "up");
    return namespace;
  }

  /** Argv under which a command runs in here. */
  get entry(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  async ip(...args: readonly string[]): Promise<string> {
    return runCommand(["ip", "-n", this.name, ...args]);
  }

  async run(...argv: readonly string[]): Promise<string> {
    return runCommand([...this.entry, ...argv]);
  }

  /** Settings below `net.`, as `ipv4.ip_forward`. */
  async setKernel(settings: Readonly<Record<string, string | number>>): Promise<void> {
    await this.run("sysctl", "-q", ...Object.entries(settings).map(([name, value]) => `net.${name}=${value}`));
  }

  /** Addresses of an interface, without their prefix length. */
  async addresses(device: string): Promise<string[]> {
    const [link] = JSON.parse(await this.ip("-j", "address", "show", "dev", device)) as { addr_info?: { local: string }[] }[];
    return link?.addr_info?.map(({ local }) => local) ?? [];
  }

  async processes(): Promise<number[]> {
    const listed = await runCommand(["ip", "netns", "pids", this.name]);
    return listed.split("\n").filter(Boolean).map(Number);
  }

  /** Ends every process in here in one instant: all are stopped first, so that none can say good-bye for another. */
  async killAll(): Promise<void> {
    const untilMs = performance.now() + killPatienceMs;
    for (let left = await this.processes(); left.length > 0; left = await this.processes()) {
      if (performance.now() > untilMs) throw new Error(`the kernel does not end processes ${left.join(", ")} of ${this.name}`);
      for (const pid of left) sendSignal(pid, "SIGSTOP");
      for (const pid of left) sendSignal(pid, "SIGKILL");
      await sleep(5);
    }
  }

  async remove(): Promise<void> {
    await this.killAll();
    await runCommand(["ip", "netns", "del", this.name]);
  }
}

/** How a program is started so that it runs in there, and as on a machine of its own. */
export function ownMachine(namespace: Namespace): { readonly runsUnder: readonly string[]; readonly ownSession: true } {
  return { runsUnder: namespace.entry, ownSession: true };
}

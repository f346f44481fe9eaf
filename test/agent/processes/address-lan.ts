import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Null where a LAN of namespaces can be made here, else why not. */
export function lanProblem(): string | null {
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  for (const program of ["ip", "arping", "nft", "ndptool"]) {
    try {
      execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    } catch {
      return `${program} is not installed`;
    }
  }
  return null;
}

export interface Answer {
  /** When it was asked, on the machine's monotonic clock. */
  readonly atMs: number;
  readonly by: string;
}

/** Hosts on one switch, each a network namespace of this machine's kernel, and the processes in them. */
export class AddressLan {
  readonly #prefix = `us${process.pid}`;
  readonly #hosts: string[] = [];
  readonly #children: ChildProcess[] = [];

  constructor() {
    this.#ip("netns", "add", this.namespace("switch"));
    this.#ip("-n", this.namespace("switch"), "link", "add", "br0", "type", "bridge");
    this.#ip("-n", this.namespace("switch"), "link", "set", "br0", "up");
  }

  namespace(host: string): string {
    return `${this.#prefix}-${host}`;
  }

  /** With its `eth0` on the switch, and these static addresses on it. */
  addHost(host: string, addresses: readonly string[]): void {
    const index = this.#hosts.push(host);
    const inside = this.namespace(host);
    this.#ip("netns", "add", inside);
    this.#ip("-n", inside, "link", "set", "lo", "up");
    const port = `port${index}`;
    this.#ip("-n", inside, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", this.namespace("switch"));
    this.#ip("-n", this.namespace("switch"), "link", "set", port, "master", "br0", "up");
    for (const address of addresses)
      this.#ip("-n", inside, "address", "add", address, "dev", "eth0", ...(address.includes(":") ? ["nodad"] : []));
    this.#ip("-n", inside, "link", "set", "eth0", "up");
  }

  /** Runs a program in a host's namespace to its end. */
  run(host: string, ...argv: string[]): string {
    return execFileSync("ip", ["netns", "exec", this.namespace(host), ...argv], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  start(host: string, ...argv: string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.namespace(host), ...argv], { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.push(child);
    return child;
  }

  macOf(host: string): string {
    const [link] = JSON.parse(this.run(host, "ip", "-j", "link", "show", "eth0")) as { address: string }[];
    return link?.address ?? "";
  }

  /** Whether the host has the address on its interface, with how many seconds to live. */
  lifetimeOf(host: string, address: string): number | null {
    const links = JSON.parse(this.run(host, "ip", "-j", "address", "show", "dev", "eth0")) as {
      addr_info: { local: string; valid_life_time: number }[];
    }[];
    return links[0]?.addr_info.find(({ local }) => local === address)?.valid_life_time ?? null;
  }

  /** Where the host sends what is for this address. */
  neighbourOf(host: string, address: string): string | undefined {
    const found = JSON.parse(this.run(host, "ip", "-j", "neighbour", "show", "to", address, "dev", "eth0") || "[]") as {
      lladdr?: string;
    }[];
    return found[0]?.lladdr;
  }

  /** Starts a prober on a host; its answers grow as they come. */
  probe(host: string, address: string, port: number): readonly Answer[] {
    const answers: Answer[] = [];
    const prober = this.start(host, process.execPath, new URL("./address-prober.ts", import.meta.url).pathname, address, String(port));
    if (prober.stdout === null) throw new Error("no standard output");
    createInterface({ input: prober.stdout }).on("line", (line) => {
      const [atMs = "", by = ""] = line.split(" ");
      answers.push({ atMs: Number(atMs), by });
    });
    return answers;
  }

  /** Starts an application on a host that answers the host's name. Resolves when it does. */
  async answer(host: string, port: number): Promise<ChildProcess> {
    const answerer = this.start(host, process.execPath, new URL("./address-answerer.ts", import.meta.url).pathname, host, String(port));
    await new Promise((resolve) => answerer.stdout?.once("data", resolve));
    return answerer;
  }

  /** Ends every process in every namespace, and the namespaces. */
  close(): void {
    for (const host of [...this.#hosts, "switch"]) {
      const pids = execFileSync("ip", ["netns", "pids", this.namespace(host)], { encoding: "utf8" }).trim();
      for (const pid of pids === "" ? [] : pids.split("\n")) {
        try {
          process.kill(Number(pid), "SIGKILL");
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
      }
      this.#ip("netns", "delete", this.namespace(host));
    }
    for (const child of this.#children) child.kill("SIGKILL");
  }

  #ip(...argv: string[]): void {
    execFileSync("ip", argv, { stdio: ["ignore", "ignore", "pipe"] });
  }
}

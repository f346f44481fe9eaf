import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { endProcess, firstJsonLine, startProgram } from "../demo/child-process.ts";
import type { CableFault } from "./cable-fault.ts";
import { type Namespace, ownMachine } from "./namespace.ts";

export interface BadCableOptions {
  /** The switch's. */
  readonly namespace: Namespace;
  readonly bridge: string;
  readonly port: string;
  readonly fault: CableFault;
  /** Hardware addresses whose frames pass as if the cable were good. */
  readonly past: readonly string[];
  readonly logFile: string;
}

/**
 * A program between a machine and the switch that delays and repeats its frames (cable.ts). The port leaves the switch's bridge for a small one of
 * its own, and the program's two devices join the two: the machine sees nothing of that, and its link stays up.
 */
export class BadCable {
  readonly #options: BadCableOptions;
  readonly #program: ChildProcess;

  private constructor(options: BadCableOptions, program: ChildProcess) {
    this.#options = options;
    this.#program = program;
  }

  static async insert(options: BadCableOptions): Promise<BadCable> {
    const { namespace, bridge, port, fault, past, logFile } = options;
    const [near, far, own] = [`n-${port}`, `f-${port}`, ownBridge(port)];
    const args = [near, far, JSON.stringify(fault), ...past];
    const program = startProgram(join(import.meta.dirname, "cable.ts"), args, { logFile, stdout: "pipe", ...ownMachine(namespace) });
    await firstJsonLine(program, `the bad cable of ${port}`, logFile);
    await namespace.ip("link", "add", own, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0");
    await namespace.ip("link", "set", own, "up");
    await namespace.ip("link", "set", near, "master", own);
    await namespace.ip("link", "set", far, "master", bridge);
    await namespace.ip("link", "set", port, "master", own);
    return new BadCable(options, program);
  }

  /** The good one is back. What is still under way is lost. */
  async remove(): Promise<void> {
    const { namespace, bridge, port } = this.#options;
    await namespace.ip("link", "set", port, "master", bridge);
    await endProcess(this.#program);
    await namespace.ip("link", "del", ownBridge(port));
  }
}

function ownBridge(port: string): string {
  return `c-${port}`;
}

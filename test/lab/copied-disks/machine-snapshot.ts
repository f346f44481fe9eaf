import { cpSync, rmSync } from "node:fs";
import { sendSignal } from "../../../agent/resources/marked-processes.ts";
import { applicationFolder } from "../lab-application.ts";
import type { LabHost } from "../lab-host.ts";

/** Everything that a host has on its disks at one instant, the agent's and the application's, as a snapshot of a virtual machine without its memory. */
export class MachineSnapshot {
  readonly #of: LabHost;

  private constructor(of: LabHost) {
    this.#of = of;
  }

  /** Taken while it runs; its processes stand still meanwhile, for as long as copying a few files takes. */
  static async take(of: LabHost): Promise<MachineSnapshot> {
    const running = await of.namespace.processes();
    for (const pid of running) sendSignal(pid, "SIGSTOP");
    try {
      of.disk.takeSnapshot();
      rmSync(kept(of), { recursive: true, force: true });
      cpSync(applicationFolder(of.machine.folder), kept(of), { recursive: true });
    } finally {
      for (const pid of running) sendSignal(pid, "SIGCONT");
    }
    return new MachineSnapshot(of);
  }

  /** The host's own disks, or those of another machine, are as they were then. Only while nothing runs on it. */
  putOnto(host: LabHost): void {
    host.disk.putBack(this.#of.disk);
    rmSync(applicationFolder(host.machine.folder), { recursive: true, force: true });
    cpSync(kept(this.#of), applicationFolder(host.machine.folder), { recursive: true });
  }
}

function kept({ machine }: LabHost): string {
  return `${applicationFolder(machine.folder)}-snapshot`;
}

import type { ChildProcess } from "node:child_process";
import { startProgram } from "./system-program.ts";

/** One may be lost: repeated while clients still have the old holder, and then for those that were cut off meanwhile. */
const repeatAfterMs = [0, 100, 500, 1_000, 2_000, 4_000, 7_000] as const;
const slowlyEveryMs = 10_000;
/** Where somebody else announces it, too, the last word counts. */
const contestedEveryMs = 1_000;

export interface AddressAnnouncerOptions {
  readonly host: string;
  readonly family: 4 | 6;
  readonly interfaceName: string;
  /** The tool is missing or was refused. Said once. */
  readonly onTrouble: (reason: string) => void;
}

/** Tells all neighbours at which hardware address the address is now; else they keep asking the old holder for half a minute. */
export class AddressAnnouncer {
  readonly #options: AddressAnnouncerOptions;
  #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<ChildProcess>();
  #troubled = false;
  #isContested = false;

  constructor(options: AddressAnnouncerOptions) {
    this.#options = options;
  }

  /** At once, a few times in the next seconds, and then slowly until `stop`. Said again, it begins anew: after a part of the network came back. */
  announce(): void {
    this.#clear();
    this.#timers = [
      ...repeatAfterMs.map((afterMs) => setTimeout(() => this.#send(), afterMs)),
      setInterval(() => this.#send(), this.#isContested ? contestedEveryMs : slowlyEveryMs),
    ];
  }

  /** As `announce`; for as long as somebody else answers for the address, in another rhythm. */
  contest(isContested: boolean): void {
    this.#isContested = isContested;
    this.announce();
  }

  /** Has whoever else has the address say so; it changes nothing that neighbours know. */
  ask(): void {
    const { host, family, interfaceName } = this.#options;
    this.#run(
      family === 4
        ? ["arping", "-q", "-D", "-c", "1", "-w", "1", "-I", interfaceName, host]
        : ["ndptool", "-t", "ns", "-i", interfaceName, "-T", host, "send"],
    );
  }

  stop(): void {
    this.#clear();
    for (const child of this.#running) child.kill("SIGKILL");
  }

  #clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #send(): void {
    const { host, family, interfaceName } = this.#options;
    this.#run(
      family === 4
        ? ["arping", "-q", "-U", "-c", "1", "-w", "1", "-I", interfaceName, host]
        : ["ndptool", "-t", "na", "-U", "-i", interfaceName, "-T", host, "send"],
    );
  }

  /** The tools stay for a second after their frame; nobody waits for them. */
  #run(argv: readonly string[]): void {
    // Its exit code says nothing: without an answer it is 1, and nobody need answer.
    const child = startProgram(argv, (complaint) => {
      if (this.#timers.length > 0) this.#trouble(complaint);
    });
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
  }

  #trouble(reason: string): void {
    if (this.#troubled) return;
    this.#troubled = true;
    const install = this.#options.family === 4 ? "iputils-arping" : "libndp-tools";
    this.#options.onTrouble(
      `address ${this.#options.host} cannot be announced, so clients may go to the old holder for up to a minute: ${reason} (package ${install})`,
    );
  }
}

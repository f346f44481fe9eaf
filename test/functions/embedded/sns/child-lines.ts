import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

type Line = Readonly<Record<string, unknown>>;

/** A program of this repository as a process of its own, read by the JSON lines that it prints. */
export class ChildLines implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: Line[] = [];
  #heard = Promise.withResolvers<void>();

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(process.execPath, [join(import.meta.dirname, "../../../..", program), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (this.#process.stdout === null) throw new Error("the child has no standard output");
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      this.#lines.push(JSON.parse(line) as Line);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
  }

  /** All lines so far of this type. */
  linesOf(type: string): readonly Line[] {
    return this.#lines.filter((line) => line["type"] === type);
  }

  /** Waits until there are `count` lines of this type, and returns them. */
  async waitFor(type: string, count = 1): Promise<readonly Line[]> {
    const deadline = AbortSignal.timeout(10_000);
    const gaveUp = Promise.withResolvers<never>();
    deadline.addEventListener("abort", () =>
      gaveUp.reject(new Error(`no ${count} lines of type ${type}, only ${JSON.stringify(this.#lines)}`)),
    );
    while (this.linesOf(type).length < count) await Promise.race([this.#heard.promise, gaveUp.promise]);
    return this.linesOf(type);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill(signal);
    await once(this.#process, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

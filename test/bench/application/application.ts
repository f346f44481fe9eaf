import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The customer's application on a server: commits one statement again and again, and knows how long each commit took it. */
export class Application {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(database: string, statement: string): Promise<Application> {
    const child = spawn(process.execPath, [join(import.meta.dirname, "application-process.ts"), database, statement], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    return new Application(child);
  }

  /** Ends it. Resolves with the milliseconds of each of its commits. */
  async end(): Promise<number[]> {
    if (this.#child.stdout === null) throw new Error("the application has no standard output");
    const lines = createInterface({ input: this.#child.stdout });
    const told = once(lines, "line");
    this.#child.kill("SIGTERM");
    const [line] = (await told) as [string];
    return JSON.parse(line) as number[];
  }
}

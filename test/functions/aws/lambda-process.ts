import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

type Answer = { readonly result: unknown } | { readonly error: string };

/** One bundled function in a process of its own, with nothing in its environment but what is given. */
export class LambdaProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #log = "";
  importMs = Number.NaN;

  private constructor(file: string, environment: Readonly<Record<string, string>>) {
    const runtime = resolve(import.meta.dirname, "lambda-runtime.ts");
    this.#child = spawn(process.execPath, [runtime, file], { env: environment, stdio: ["pipe", "pipe", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    this.#lines = createInterface({ input: this.#child.stdio[3] as Readable })[Symbol.asyncIterator]();
  }

  static async start(file: string, environment: Readonly<Record<string, string>>): Promise<LambdaProcess> {
    const lambda = new LambdaProcess(file, environment);
    ({ importMs: lambda.importMs } = (await lambda.#next()) as { importMs: number });
    return lambda;
  }

  /** What it has written for CloudWatch. */
  get log(): string {
    return this.#log;
  }

  /** Rejects as the function does. */
  async invoke(event: unknown): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(event)}\n`);
    const answer = (await this.#next()) as Answer;
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }

  async #next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the function's process ended:\n${this.#log}`);
    return JSON.parse(value);
  }
}

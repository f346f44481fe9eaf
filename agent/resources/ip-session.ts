import { usFromMs } from "../../shared/domain/time.ts";
import { type RunIp, runIp } from "./ip-tool.ts";
import { monotonicUs, settledBy } from "./monotonic.ts";
import { type OpenProgram, openProgram, type ProgramResult } from "./system-program.ts";

const answerMs = 2_000;
const heardBytesMax = 4 * 1_024 * 1_024;
/** `ip` says nothing of what has gone well. This is nothing that it knows: said after every command, it fails by its line's number, and so ends the answer. */
const unknown = "end-of-answer";
const failed = /^Command failed -:\d+$/;
/** Whatever else is in an argument could end the word or the line: such a command gets a process of its own. */
const plainWord = /^[\w.:@%/-]+$/;

/**
 * One `ip` that reads command after command, in their order: a process for each costs five milliseconds, a line to one that is there already
 * half of one. For one tenure of one address: it keeps the interfaces' names that it has looked up, and would not notice that one was made anew.
 */
export class IpSession {
  /** What it says and what it complains of come through one pipe, so that nothing overtakes the end of an answer. */
  readonly #process: OpenProgram = openProgram(["sh", "-c", "exec ip -j -force -batch - 2>&1"]);
  readonly #exited: Promise<null>;
  #hasExited = false;
  #turn: Promise<unknown> = Promise.resolve();
  #linesSaid = 0;
  #heard = "";
  #onAnswer: ((answer: string) => void) | null = null;

  constructor() {
    this.#exited = new Promise((resolve) => {
      const exited = (): void => {
        this.#hasExited = true;
        resolve(null);
      };
      this.#process.once("close", exited);
      this.#process.once("error", exited);
    });
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** As `runIp`, each when the one before it has ended. Where this `ip` is gone, by one of its own. */
  readonly run: RunIp = (args) => {
    const result = this.#turn.then(() => (this.#hasExited || !args.every((word) => plainWord.test(word)) ? runIp(args) : this.#ask(args)));
    this.#turn = result;
    return result;
  };

  /** What was ordered is still carried out. */
  end(): void {
    void this.#turn.then(() => this.#process.stdin.end());
  }

  async #ask(args: readonly string[]): Promise<ProgramResult> {
    const answered = new Promise<string>((resolve) => {
      this.#onAnswer = resolve;
    });
    this.#linesSaid += 2;
    this.#process.stdin.write(`${args.join(" ")}\n${unknown}\n`);
    const answer = await settledBy(monotonicUs() + usFromMs(answerMs), Promise.race([answered, this.#exited]));
    this.#onAnswer = null;
    if (answer === null) return runIp(args);
    if (answer !== undefined) return resultOf(answer);
    // What it has read must not be carried out after whatever comes next.
    this.#process.kill("SIGKILL");
    await this.#exited;
    return { ok: false, missing: false, reason: `ip took longer than ${answerMs} ms` };
  }

  #take(text: string): void {
    this.#heard += text;
    const end = `Command failed -:${this.#linesSaid}\n`;
    if (this.#heard.endsWith(end)) {
      const answer = this.#heard.slice(0, -end.length);
      this.#heard = "";
      this.#onAnswer?.(answer);
    } else if (this.#heard.length > heardBytesMax) this.#process.kill("SIGKILL");
  }
}

/** One line of JSON where it was asked for something, and lines for people about whatever failed; the last of these is about the word that it does not know. */
function resultOf(answer: string): ProgramResult {
  const lines = answer.split("\n").filter((line) => line !== "" && !line.includes(`"${unknown}"`));
  if (!lines.some((line) => failed.test(line))) return { ok: true, output: lines.join("\n") };
  return { ok: false, missing: false, reason: lines.filter((line) => !failed.test(line) && !line.startsWith("[")).join(" | ") };
}

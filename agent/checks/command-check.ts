import type { CommandCheckSettings } from "../config/check-settings.ts";
import { Command, describeEnd, inheritedPriority } from "../resources/command.ts";
import { type HealthCheck, quoted } from "./health-check.ts";

/** The argv, and where it is run. */
export type CheckCommand = Pick<CommandCheckSettings, "command" | "workingDirectory">;

/** Runs a command, and ends whatever it leaves in its process group. */
export class CommandCheck implements HealthCheck {
  readonly #settings: CheckCommand;
  readonly #defaultDirectory: string;
  #last: Command | null = null;

  constructor(settings: CheckCommand, defaultDirectory: string) {
    this.#settings = settings;
    this.#defaultDirectory = defaultDirectory;
  }

  async look(signal: AbortSignal): Promise<string | null> {
    // Else a disk that hangs would collect one process with every look.
    if (this.#last !== null && this.#last.end === null) return `process ${this.#last.pid}, its last run, was killed and has not ended yet`;
    if (signal.aborted) return "it was ended before it began";
    const { command: argv, workingDirectory = this.#defaultDirectory } = this.#settings;
    const command = new Command(argv, { workingDirectory, environment: {}, dieWithParent: true, priority: inheritedPriority });
    this.#last = command;
    const aborted = Promise.withResolvers<null>();
    const onAbort = (): void => aborted.resolve(null);
    signal.addEventListener("abort", onAbort, { once: true });
    const end = await Promise.race([command.ended, aborted.promise]);
    signal.removeEventListener("abort", onAbort);
    command.signal("SIGKILL");
    if (end === null) return "it had not ended, and was killed";
    return end.how === "exit" && end.code === 0 ? null : `its command ${describeEnd(end, quoted(command.lastWords))}`;
  }
}

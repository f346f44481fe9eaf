import type { CommandAction } from "../../../shared/domain/triggers/trigger.ts";
import type { TriggerSettings } from "../../config/trigger-settings.ts";
import { Command, describeEnd, inheritedPriority } from "../../resources/command.ts";
import { GivenUp } from "../carry-out.ts";
import type { Told } from "./told.ts";

/** Why it could never be run on this node; null: it can. */
export function commandProblem({ command }: CommandAction, { commands }: TriggerSettings): string | null {
  return Object.hasOwn(commands, command) ? null : `triggers.commands of this node's settings has no ${command}`;
}

/** Runs what this node's own settings say, and ends whatever it leaves in its process group. */
export async function runCommand(
  { command: name }: CommandAction,
  { commands }: TriggerSettings,
  told: Told,
  defaultDirectory: string,
  signal: AbortSignal,
): Promise<string> {
  const settings = commands[name];
  if (settings === undefined) throw new GivenUp(`triggers.commands of this node's settings has no ${name}`);
  const { command: argv, workingDirectory = defaultDirectory, timeoutMs } = settings;
  const environment = {
    UNDERSTUDY_TRIGGER: told.trigger,
    UNDERSTUDY_OCCURRENCE: `${told.cluster}/${told.occurrence}`,
    UNDERSTUDY_DUE_AT: told.dueAt,
    UNDERSTUDY_GROUP: told.group,
    UNDERSTUDY_EPOCH: String(told.epoch),
    UNDERSTUDY_PAYLOAD: JSON.stringify(told.payload),
  };
  const command = new Command(argv, { workingDirectory, environment, dieWithParent: true, priority: inheritedPriority });
  const cut = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const aborted = Promise.withResolvers<null>();
  const onAbort = (): void => aborted.resolve(null);
  cut.addEventListener("abort", onAbort, { once: true });
  const end = await Promise.race([command.ended, aborted.promise]);
  cut.removeEventListener("abort", onAbort);
  command.signal("SIGKILL");
  if (end === null) throw new Error(`it had not ended after ${timeoutMs} ms, and was killed`);
  if (end.how === "exit" && end.code === 0) return "ended with 0";
  const said = `it ${describeEnd(end, command.lastWords)}`;
  throw end.how === "not-started" ? new GivenUp(said) : new Error(said);
}

import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { Attempt } from "../../../shared/domain/triggers/sent-log.ts";
import type { TriggerAction } from "../../../shared/domain/triggers/trigger.ts";
import type { TriggerSettings } from "../../config/trigger-settings.ts";
import { GivenUp } from "../carry-out.ts";
import { commandProblem, runCommand } from "./command-action.ts";
import { emailProblem, sendEmail } from "./email-action.ts";
import { sendMulticast } from "./multicast-action.ts";
import { type SnsPorts, tellSubscribers } from "./sns-action.ts";
import { toldOf } from "./told.ts";
import { sendWebhook, webhookProblem } from "./webhook-action.ts";

/** Of one try over the network. */
const tryMs = 10_000;

export interface ActionOptions extends SnsPorts {
  readonly clusterId: ClusterId;
  readonly settings: TriggerSettings;
  readonly ownHost: string;
  readonly dataDir: string;
}

/** Why this node's settings do not let it do the action; null: they do. */
export function actionProblem(action: TriggerAction, settings: TriggerSettings): string | null {
  switch (action.kind) {
    case "webhook":
      return webhookProblem(action, settings);
    case "email":
      return emailProblem(settings);
    case "command":
      return commandProblem(action, settings);
    case "sns":
    case "udp-multicast":
      return null;
  }
}

/** One try; rejects with the reason, `GivenUp` where another one would be of no use. */
export function performAction(action: TriggerAction, attempt: Attempt, options: ActionOptions, signal: AbortSignal): Promise<string> {
  const { settings, ownHost, dataDir, clusterId } = options;
  const problem = actionProblem(action, settings);
  if (problem !== null) return Promise.reject(new GivenUp(problem));
  const told = toldOf(clusterId, attempt);
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(tryMs)]);
  switch (action.kind) {
    case "webhook":
      return sendWebhook(action, settings, told, inTime);
    case "email":
      return sendEmail(action, settings, told);
    case "udp-multicast":
      return sendMulticast(action, ownHost);
    case "command":
      return runCommand(action, settings, told, dataDir, signal);
    case "sns":
      return tellSubscribers(action, told, options, signal);
  }
}

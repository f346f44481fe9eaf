import type { AlertDeliveries } from "../notify/deliveries.ts";
import { NotifierError } from "../notify/notifier.ts";

/**
 * SNS's API tells nothing of what becomes of a message, and its dead letters lie in a queue that is looked after by people (infra/RUNBOOK.md): here nothing is claimed to be
 * known of single deliveries.
 */
export const unseenDeliveries: AlertDeliveries = {
  ofMessage: async () => [],
  dead: refuse,
  redrive: refuse,
};

async function refuse(): Promise<never> {
  const where =
    "in AWS, undelivered alerts lie in the SQS queue of undelivered alerts: look at them, and send them again, as RUNBOOK.md says";
  throw new NotifierError("refused", where, undefined);
}

import { defaultRetry } from "../../functions/embedded/sns/retry-schedule.ts";
import { SnsNotifier } from "../../functions/notify/sns-notifier.ts";
import { runningEndpoint } from "../functions/embedded/sns/running-endpoint.ts";
import { describeNotifier } from "./notifier-contract.ts";

describeNotifier("SNS adapter over the AWS SDK, against the embedded endpoint", async () => {
  const running = await runningEndpoint({ retry: defaultRetry });
  return { notifier: new SnsNotifier(running.client), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
});

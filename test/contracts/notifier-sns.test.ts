import { join } from "node:path";
import { defaultRetry } from "../../functions/embedded/sns/retry-schedule.ts";
import { SnsNotifier } from "../../functions/notify/sns-notifier.ts";
import { MessageVerifier, routeHttpsTo } from "../demo/message-verifier.ts";
import { runningEndpoint } from "../functions/embedded/sns/running-endpoint.ts";
import { describeNotifier } from "./notifier-contract.ts";

describeNotifier("SNS adapter over the AWS SDK, against the embedded endpoint", async () => {
  const running = await runningEndpoint({ retry: defaultRetry });
  const tls = new URL(running.endpoint.tlsUrl);
  routeHttpsTo(tls.hostname, Number(tls.port), join(running.dataDir, "sns-ca.pem"));
  const verifier = new MessageVerifier();
  return {
    notifier: new SnsNotifier(running.client),
    verdicts: (body) => verifier.verdicts(body),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
});

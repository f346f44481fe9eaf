import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { afterAll } from "vitest";
import { describeRights } from "./rights-suite.ts";
import { describeRunbook } from "./runbook-suite.ts";
import { describeStacks } from "./stacks-suite.ts";
import { Synthesized } from "./synthesized.ts";

// In one file, since importing the construct library takes longer than all that is asked of it.
const prod = new Synthesized();
const trial = new Synthesized({
  name: "trial",
  console: false,
  data: "remove",
  warmWitnesses: 0,
  logDays: RetentionDays.ONE_WEEK,
  domain: { name: "cloud.example.com", certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/x" },
});
afterAll(() => {
  prod[Symbol.dispose]();
  trial[Symbol.dispose]();
});

describeStacks(prod, trial);
describeRights(prod);
describeRunbook(prod);

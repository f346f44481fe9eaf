import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { ComparisonOperator, type IMetric, MathExpression, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { CfnTopicRule } from "aws-cdk-lib/aws-iot";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";

export interface Watched {
  readonly functions: readonly LambdaFunction[];
  readonly api: HttpApi;
  readonly table: TableV2;
  readonly rules: readonly CfnTopicRule[];
  readonly presenceQueue: Queue;
  readonly fleetDeadLetters: Queue;
  readonly undelivered: Queue;
}

export interface AlarmShape {
  /** Also the heading of its section in RUNBOOK.md. */
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly minutes: number;
  readonly comparison: ComparisonOperator;
  readonly missing: TreatMissingData;
  /** What it means, in a sentence. */
  readonly says: string;
}

/** Functions that a schedule wakes, and the minutes after which one that did not run is missed. */
const scheduled: Readonly<Record<string, number>> = { alerts: 5, silence: 5, licences: 130, summaries: 750 };
/** Those whose failures nobody would see otherwise; what calls the others gets an answer and sees it. */
const unseen = ["alerts", "ingest", "licences", "presence", "silence", "summaries"];
const period = Duration.minutes(1);
const { GREATER_THAN_THRESHOLD: above, LESS_THAN_THRESHOLD: below } = ComparisonOperator;
const { NOT_BREACHING: fine, BREACHING: bad } = TreatMissingData;

/** Every alarm. Each has a section in RUNBOOK.md, and each section there its alarm (test/infra/runbook-suite.ts). */
export function alarmShapes({
  functions,
  api,
  table,
  rules,
  presenceQueue,
  fleetDeadLetters,
  undelivered,
}: Watched): readonly AlarmShape[] {
  const named = (name: string): LambdaFunction => {
    const found = functions.find(({ node }) => node.id === name);
    if (found === undefined) throw new Error(`there is no function ${name} to watch`);
    return found;
  };
  const count = { period, statistic: "Sum" } as const;
  const api5xx = api.metricServerError(count);
  const ruleFailures = new MathExpression({
    expression: rules.map((_rule, index) => `FILL(f${index},0)`).join("+"),
    usingMetrics: Object.fromEntries(rules.map(({ ruleName = "" }, index) => [`f${index}`, ruleMetric(ruleName)])),
    period,
    label: "failed rule actions",
  });
  return [
    ...unseen.map((name) =>
      whenMore(`${name}-fails`, named(name).metricErrors(count), 0, 3, `The function ${name} has failed for three minutes.`),
    ),
    ...Object.entries(scheduled).map(
      ([name, minutes]): AlarmShape => ({
        name: `${name}-does-not-run`,
        metric: named(name).metricInvocations({ period: Duration.minutes(minutes), statistic: "Sum" }),
        threshold: 1,
        minutes: 1,
        comparison: below,
        missing: bad,
        says: `Nothing has woken the function ${name} for ${minutes} minutes.`,
      }),
    ),
    whenMore("functions-throttled", throttles(functions), 0, 3, "Lambda has refused to run functions: the account's limit is reached."),
    whenMore(
      "witness-slow",
      named("witness").metricDuration({ period, statistic: "p99" }),
      500,
      5,
      "The control plane's vote takes longer than 0.5 s.",
    ),
    whenMore("witness-fails", named("witness").metricErrors(count), 0, 1, "The control plane's vote has failed."),
    whenMore("api-errors", api5xx, 5, 3, "The API or the console has answered with errors of its own for three minutes."),
    whenMore("rules-fail", ruleFailures, 0, 3, "AWS IoT Core could not hand over messages of nodes."),
    whenMore(
      "presence-late",
      presenceQueue.metricApproximateAgeOfOldestMessage({ period, statistic: "Maximum" }),
      60,
      3,
      "Connections of nodes are noted later than a minute after they changed.",
    ),
    whenMore(
      "fleet-dead-letters",
      fleetDeadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
      0,
      1,
      "Messages of nodes were given up.",
    ),
    whenMore(
      "undelivered-alerts",
      undelivered.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
      0,
      1,
      "Subscribers did not take alerts until the last attempt.",
    ),
    whenMore(
      "alerts-late",
      named("alerts").metric("IteratorAge", { period, statistic: "Maximum" }),
      60_000,
      3,
      "Alerts wait for longer than a minute.",
    ),
    whenMore(
      "table-throttled",
      tableMetric(table, "ThrottledRequests"),
      0,
      3,
      "DynamoDB refuses requests: a partition is too hot, or a limit is reached.",
    ),
  ];
}

function ruleMetric(ruleName: string): Metric {
  return new Metric({ namespace: "AWS/IoT", metricName: "Failure", dimensionsMap: { RuleName: ruleName }, statistic: "Sum", period });
}

function tableMetric({ tableName }: TableV2, metricName: string): Metric {
  return new Metric({ namespace: "AWS/DynamoDB", metricName, dimensionsMap: { TableName: tableName }, statistic: "Sum", period });
}

function throttles(functions: readonly LambdaFunction[]): MathExpression {
  return new MathExpression({
    expression: functions.map((_one, index) => `FILL(t${index},0)`).join("+"),
    usingMetrics: Object.fromEntries(functions.map((one, index) => [`t${index}`, one.metricThrottles({ period, statistic: "Sum" })])),
    period,
    label: "refused invocations",
  });
}

function whenMore(name: string, metric: IMetric, threshold: number, minutes: number, says: string): AlarmShape {
  return { name, metric, threshold, minutes, says, comparison: above, missing: fine };
}

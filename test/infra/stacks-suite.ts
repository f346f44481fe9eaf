import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { functionNames } from "../../infra/function-bundles.ts";
import { connectedThing, nodePolicy } from "../../shared/protocol/node-policy.ts";
import type { Synthesized } from "./synthesized.ts";

/** CloudFormation's references as their names, so that texts can be compared. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "Ref") return `<${String(only[1])}>`;
  if (entries.length === 1 && only?.[0] === "Fn::Join") return ((only[1] as [string, unknown[]])[1].map(flat) as string[]).join("");
  return Object.fromEntries(entries.map(([key, one]) => [key, flat(one)]));
}

/** What matters in the templates: of a stage with everything, and of one with the least and a domain of its own. */
export function describeStacks(prod: Synthesized, trial: Synthesized): void {
  describe("infra: data", () => {
    it("prod keeps table, key and people whatever happens to the stack; a trial leaves nothing", () => {
      for (const type of ["AWS::DynamoDB::GlobalTable", "AWS::Cognito::UserPool"]) {
        expect(prod.resources(type)).toMatchObject([{ DeletionPolicy: "Retain" }]);
      }
      prod.template("data").hasResource("AWS::KMS::Key", { DeletionPolicy: "Retain", Properties: { KeySpec: "ECC_NIST_P256" } });
      expect(trial.resources().filter(({ DeletionPolicy }) => DeletionPolicy === "Retain")).toEqual([]);
    });

    it("every queue is encrypted and refuses plain HTTP", () => {
      const queues = prod.resources("AWS::SQS::Queue");
      expect(queues).toHaveLength(3);
      for (const { Properties } of queues) expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
      const refusing = prod
        .resources("AWS::SQS::QueuePolicy")
        .filter(({ Properties }) => JSON.stringify(Properties).includes(`"aws:SecureTransport":"false"`));
      expect(refusing).toHaveLength(3);
    });

    it("undelivered alerts come from this account's own topics alone", () => {
      prod.template("data").hasResourceProperties("AWS::SQS::QueuePolicy", {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Condition: {
                StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
                ArnLike: { "aws:SourceArn": Match.anyValue() },
              },
            }),
          ]),
        },
      });
    });
  });

  describe("infra: functions", () => {
    it("each has a log of its own that ends after the stage's days, and Node 24 on ARM", () => {
      const functions = prod
        .resources("AWS::Lambda::Function")
        .filter(({ Properties }) => String(Properties["FunctionName"]).startsWith("understudy-prod-"));
      expect(functions.map(({ Properties }) => String(Properties["FunctionName"]).slice("understudy-prod-".length)).toSorted()).toEqual([
        ...functionNames,
      ]);
      expect(prod.resources("AWS::Lambda::Function")).toHaveLength(functionNames.length);
      for (const { Properties } of functions)
        expect(Properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], LoggingConfig: expect.anything() });
      const logs = prod.resources("AWS::Logs::LogGroup");
      expect(logs).toHaveLength(functionNames.length + 1);
      for (const { Properties } of logs) expect(Properties).toMatchObject({ RetentionInDays: 90 });
    });

    it("the stream wakes the alerts for what waits for them, and for nothing else", () => {
      const [mapping] = Object.values(prod.template("alerts").findResources("AWS::Lambda::EventSourceMapping"));
      const filters = mapping?.["Properties"] as { FilterCriteria: { Filters: { Pattern: string }[] } } | undefined;
      expect(filters?.FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
        {
          eventName: ["INSERT", "MODIFY"],
          dynamodb: { NewImage: { listPk: { S: ["PENDING-ALERTS", "DUE-INCIDENTS", "OUTGOING-ALERTS"] } } },
        },
      ]);
    });

    it("alerts and silences are looked for every minute, licences every hour, summaries every six", () => {
      const schedules = prod
        .resources("AWS::Scheduler::Schedule")
        .map(({ Properties }) => [Properties["Description"], Properties["ScheduleExpression"]]);
      expect(Object.fromEntries(schedules)).toEqual({
        "Wakes alerts": "rate(1 minute)",
        "Wakes silence": "rate(1 minute)",
        "Wakes licences": "rate(1 hour)",
        "Wakes summaries": "rate(6 hours)",
      });
    });

    it("prod's witness is kept warm, and reached by its own route", () => {
      prod.template("door").hasResourceProperties("AWS::Lambda::Alias", {
        Name: "live",
        ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 },
      });
      trial.template("door").hasResourceProperties("AWS::Lambda::Alias", { ProvisionedConcurrencyConfig: Match.absent() });
      const routes = prod.resources("AWS::ApiGatewayV2::Route").map(({ Properties }) => String(Properties["RouteKey"]));
      expect(new Set(routes)).toEqual(new Set(["$default", "ANY /v1/{proxy+}", "POST /v1/witness"]));
    });
  });

  describe("infra: fleet", () => {
    it("the one policy of all nodes is the generated one", () => {
      const [policy] = prod.resources("AWS::IoT::Policy");
      const arn = "arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>";
      expect(flat(policy?.Properties["PolicyDocument"])).toEqual(nodePolicy(arn, connectedThing));
    });

    it("the rules take what nodes tell, not what the cloud answers; and what they cannot hand over is set aside", () => {
      const [messages, presence] = prod
        .resources("AWS::IoT::TopicRule")
        .map(({ Properties }) => Properties["TopicRulePayload"] as { Sql: string; ErrorAction: unknown; AwsIotSqlVersion: string });
      expect(messages?.Sql).toContain("WHERE topic(5) = 'events' OR topic(5) = 'report'");
      expect(messages?.Sql).toContain("principal() AS certificateSha256");
      expect(presence?.Sql).toContain("'$aws/events/presence/+/+'");
      for (const rule of [messages, presence])
        expect(rule).toMatchObject({ AwsIotSqlVersion: "2016-03-23", ErrorAction: { Sqs: expect.anything() } });
      prod.template("fleet").hasResourceProperties("AWS::Lambda::Permission", {
        Principal: "iot.amazonaws.com",
        SourceArn: Match.anyValue(),
        SourceAccount: { Ref: "AWS::AccountId" },
      });
    });

    it("a presence event that cannot be taken in is tried again alone, five times, and then set aside", () => {
      prod
        .template("fleet")
        .hasResourceProperties("AWS::Lambda::EventSourceMapping", { FunctionResponseTypes: ["ReportBatchItemFailures"] });
      prod.template("fleet").hasResourceProperties("AWS::SQS::Queue", { RedrivePolicy: { maxReceiveCount: 5 }, VisibilityTimeout: 180 });
    });
  });

  describe("infra: what is optional", () => {
    it("without the console nobody signs in", () => {
      expect(trial.resources("AWS::Cognito::UserPool")).toEqual([]);
      expect(trial.templates.has("pages")).toBe(false);
      expect(JSON.stringify(trial.template("door").toJSON())).not.toContain("UNDERSTUDY_USER_POOL");
    });

    it("with a domain of one's own, API Gateway's name answers nobody, and agents are told the other", () => {
      trial.template("door").hasResourceProperties("AWS::ApiGatewayV2::Api", { DisableExecuteApiEndpoint: true });
      trial.template("door").hasResourceProperties("AWS::ApiGatewayV2::DomainName", { DomainName: "cloud.example.com" });
      trial.template("door").hasResourceProperties("AWS::Lambda::Function", {
        Environment: { Variables: Match.objectLike({ UNDERSTUDY_AGENT_API_URL: "https://cloud.example.com" }) },
      });
    });

    it("what a bill is split by stands at every function, table and queue", () => {
      for (const type of ["AWS::Lambda::Function", "AWS::SQS::Queue"]) {
        for (const { Properties } of prod.resources(type)) {
          expect(Properties["Tags"]).toEqual(
            expect.arrayContaining([
              { Key: "product", Value: "understudy" },
              { Key: "stage", Value: "prod" },
            ]),
          );
        }
      }
    });
  });
}

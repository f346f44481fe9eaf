import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnPolicy, CfnTopicRule } from "aws-cdk-lib/aws-iot";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { connectedThing, nodePolicy } from "../shared/protocol/node-policy.ts";
import type { ApiStack } from "./api-stack.ts";
import { controlPlaneFunction } from "./control-plane-function.ts";
import type { DataStack } from "./data-stack.ts";
import { messengerRights, signingRights, storeRights } from "./rights.ts";
import { everySoOften } from "./schedule.ts";
import type { Stage } from "./stages.ts";

export interface FleetStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly door: ApiStack;
}

/** The name that enrolment attaches to each node's certificate. */
export function nodePolicyName(stage: Stage): string {
  return `understudy-${stage.name}-node`;
}

const sqlVersion = "2016-03-23";
/** The cloud's own receipts match the filter as well, so the last part of the topic is asked for. */
const nodeMessages = `SELECT encode(*, 'base64') AS payload, topic() AS topic, clientid() AS clientId, principal() AS certificateSha256
FROM 'understudy/v1/+/+/+' WHERE topic(5) = 'events' OR topic(5) = 'report'`;
const comingsAndGoings = "SELECT * FROM '$aws/events/presence/+/+' WHERE startswith(clientId, 'node_')";

/** The nodes at AWS IoT Core: what they may do, where their messages go, and what is made of their coming and going. */
export class FleetStack extends Stack {
  readonly functions: readonly LambdaFunction[];
  readonly presenceQueue: Queue;
  /** What was tried in vain. */
  readonly deadLetters: Queue;
  readonly rules: readonly CfnTopicRule[];

  constructor(scope: Construct, id: string, { stage, data, door, ...props }: FleetStackProps) {
    super(scope, id, props);
    const { table, signingKey } = data;
    const arn = `arn:${this.partition}:iot:${this.region}:${this.account}`;
    new CfnPolicy(this, "NodePolicy", { policyName: nodePolicyName(stage), policyDocument: nodePolicy(arn, connectedThing) });

    const queueName = `understudy-${stage.name}-fleet-dead-letters`;
    this.deadLetters = new Queue(this, "DeadLetters", { queueName, ...queueSettings, retentionPeriod: Duration.days(14) });
    const presenceTimeout = Duration.seconds(30);
    this.presenceQueue = new Queue(this, "PresenceQueue", {
      queueName: `understudy-${stage.name}-presence`,
      ...queueSettings,
      // Six times the function's, as Lambda asks for.
      visibilityTimeout: Duration.seconds(6 * presenceTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });

    const ingest = controlPlaneFunction(this, door.settings, {
      name: "ingest",
      description: "Takes in what nodes tell",
      memoryMb: 512,
      timeout: Duration.seconds(30),
      rights: [...storeRights(table), ...signingRights(signingKey), ...messengerRights(this)],
    });
    // A node repeats its events until their receipt, and a newer report makes an older one needless: nothing is worth trying for long.
    ingest.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.minutes(5), onFailure: new SqsDestination(this.deadLetters) });
    const presence = controlPlaneFunction(this, door.settings, {
      name: "presence",
      description: "Notes which nodes have a connection",
      memoryMb: 256,
      timeout: presenceTimeout,
      rights: storeRights(table),
    });
    presence.addEventSource(new SqsEventSource(this.presenceQueue, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 10 }));
    const silence = controlPlaneFunction(this, door.settings, {
      name: "silence",
      description: "Tells of nodes and sites that have been silent for too long",
      memoryMb: 256,
      timeout: Duration.seconds(55),
      rights: storeRights(table),
    });
    everySoOften(this, silence, 1);
    this.functions = [ingest, presence, silence];

    const errors = {
      sqs: { queueUrl: this.deadLetters.queueUrl, roleArn: this.#sender("RuleErrors", this.deadLetters).roleArn, useBase64: false },
    };
    const messages = this.#rule(
      "Messages",
      `understudy_${stage.name}_messages`,
      nodeMessages,
      { lambda: { functionArn: ingest.functionArn } },
      errors,
    );
    ingest.addPermission("Rule", {
      principal: new ServicePrincipal("iot.amazonaws.com"),
      sourceArn: messages.attrArn,
      sourceAccount: this.account,
    });
    const toQueue = {
      sqs: { queueUrl: this.presenceQueue.queueUrl, roleArn: this.#sender("PresenceSender", this.presenceQueue).roleArn, useBase64: false },
    };
    this.rules = [messages, this.#rule("Presence", `understudy_${stage.name}_presence`, comingsAndGoings, toQueue, errors)];
    new CfnOutput(this, "FleetDeadLetters", { value: this.deadLetters.queueUrl });
  }

  #rule(
    id: string,
    ruleName: string,
    sql: string,
    action: CfnTopicRule.ActionProperty,
    errorAction: CfnTopicRule.ActionProperty,
  ): CfnTopicRule {
    return new CfnTopicRule(this, id, {
      ruleName,
      topicRulePayload: { sql, awsIotSqlVersion: sqlVersion, actions: [action], errorAction, ruleDisabled: false },
    });
  }

  #sender(id: string, queue: IQueue): Role {
    const statement = new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queue.queueArn] });
    const assumedBy = new ServicePrincipal("iot.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } });
    return new Role(this, id, { assumedBy, inlinePolicies: { send: new PolicyDocument({ statements: [statement] }) } });
  }
}

const queueSettings = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;

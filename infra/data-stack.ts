import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { AccountRecovery, FeaturePlan, Mfa, UserPool } from "aws-cdk-lib/aws-cognito";
import { AttributeType, Billing, ProjectionType, StreamViewType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { topicArns } from "./rights.ts";
import type { Stage } from "./stages.ts";

export interface DataStackProps extends StackProps {
  readonly stage: Stage;
}

/** What must never be lost: the one table, the key that signs cluster documents and licences, the people, and alerts that nobody took. A stack of its own, so that no other change can touch it. */
export class DataStack extends Stack {
  readonly table: TableV2;
  readonly signingKey: Key;
  readonly people: UserPool | undefined;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { stage, ...props }: DataStackProps) {
    const isKept = stage.data === "keep";
    super(scope, id, { ...props, terminationProtection: isKept });
    const removalPolicy = isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.table = new TableV2(this, "Table", {
      partitionKey: text("pk"),
      sortKey: text("sk"),
      globalSecondaryIndexes: [
        { indexName: "listing", partitionKey: text("listPk"), sortKey: text("listSk"), projectionType: ProjectionType.ALL },
      ],
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "removableAtSeconds",
      dynamoStream: StreamViewType.NEW_IMAGE,
      deletionProtection: isKept,
      removalPolicy,
    });
    // ES256: what agents check offline. Asymmetric keys cannot rotate by themselves; a new key is published beside the old one.
    this.signingKey = new Key(this, "SigningKey", {
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      description: "Understudy: signs cluster documents and licences",
      removalPolicy,
      ...(isKept ? {} : { pendingWindow: Duration.days(7) }),
    });
    this.people = stage.console ? this.#userPool(removalPolicy) : undefined;
    // What a subscriber of a customer's topic did not take until SNS's last attempt.
    this.undelivered = new Queue(this, "UndeliveredAlerts", {
      queueName: `understudy-${stage.name}-undelivered-alerts`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy,
    });
    const { account } = this;
    this.undelivered.grantSendMessages(
      new ServicePrincipal("sns.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": account }, ArnLike: { "aws:SourceArn": topicArns(this) } },
      }),
    );
    new CfnOutput(this, "TableName", { value: this.table.tableName });
    new CfnOutput(this, "SigningKeyArn", { value: this.signingKey.keyArn });
  }

  #userPool(removalPolicy: RemovalPolicy): UserPool {
    return new UserPool(this, "People", {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      passwordPolicy: { minLength: 12, requireDigits: true, requireLowercase: true, requireUppercase: true, requireSymbols: true },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.NONE,
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
    });
  }
}

function text(name: string): { readonly name: string; readonly type: AttributeType } {
  return { name, type: AttributeType.STRING };
}

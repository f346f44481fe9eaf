import { ArnFormat, type Stack } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** The topics of all customers (functions/notify/sns-notifier.ts names them). */
export function topicArns(stack: Stack): string[] {
  return ["alerts", "escalations"].map((level) => stack.formatArn({ service: "sns", resource: `understudy-${level}-*` }));
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}

/** The whole store. There is no scan, no batch and no transaction in it. */
export function storeRights(table: TableV2): PolicyStatement[] {
  const item = ["GetItem", "PutItem", "UpdateItem", "DeleteItem"].map((name) => `dynamodb:${name}`);
  return [allow(item, [table.tableArn]), allow(["dynamodb:Query"], [table.tableArn, `${table.tableArn}/index/listing`])];
}

/** Single items of clusters and certificates, and nothing else of the table. */
export function witnessRights(table: TableV2): PolicyStatement[] {
  const statement = allow(["dynamodb:GetItem", "dynamodb:PutItem"], [table.tableArn]);
  statement.addCondition("ForAllValues:StringLike", { "dynamodb:LeadingKeys": ["CLUSTER#*", "CERTIFICATE#*"] });
  return [statement];
}

/** Reads the whole store, and writes items of clusters alone. */
export function summaryRights(table: TableV2): PolicyStatement[] {
  const put = allow(["dynamodb:PutItem"], [table.tableArn]);
  put.addCondition("ForAllValues:StringLike", { "dynamodb:LeadingKeys": ["CLUSTER#*"] });
  return [
    allow(["dynamodb:GetItem"], [table.tableArn]),
    allow(["dynamodb:Query"], [table.tableArn, `${table.tableArn}/index/listing`]),
    put,
  ];
}

export function signingRights(key: IKey): PolicyStatement[] {
  return [allow(["kms:GetPublicKey", "kms:Sign"], [key.keyArn])];
}

export function sessionRights(key: IKey): PolicyStatement[] {
  return [allow(["kms:GenerateMac"], [key.keyArn])];
}

/** Documents and receipts to the nodes, and the end of a removed node's certificate. */
export function messengerRights(stack: Stack): PolicyStatement[] {
  const iot = iotArns(stack);
  return [
    allow(["iot:Publish", "iot:RetainPublish"], [iot("topic", "understudy/v1/*")]),
    allow(["iot:ListThingPrincipals", "iot:DeleteThing"], [iot("thing", "node_*")]),
    allow(
      ["iot:UpdateCertificate", "iot:DetachPolicy", "iot:DetachThingPrincipal", "iot:DeleteCertificate"],
      [iot("cert", "*"), iot("thing", "node_*")],
    ),
    // AWS knows no narrower resource for this action: it lists things of all the account's registry.
    allow(["iot:ListThings"], ["*"]),
  ];
}

/** What enrolment needs beside: a node's certificate and its thing. It may attach policies, and makes none. */
export function admissionRights(stack: Stack): PolicyStatement[] {
  const iot = iotArns(stack);
  return [
    allow(["iot:CreateThing", "iot:AttachThingPrincipal"], [iot("thing", "node_*"), iot("cert", "*")]),
    allow(["iot:AttachPolicy"], [iot("cert", "*")]),
    // AWS knows no resource for this action: the certificate has no name before it.
    allow(["iot:RegisterCertificateWithoutCA"], ["*"]),
  ];
}

export function alertRights(stack: Stack): PolicyStatement[] {
  return [allow(["sns:CreateTopic", "sns:SetTopicAttributes", "sns:Publish"], topicArns(stack))];
}

/** The end of a removed customer's topics: SNS tells their names to whoever makes them, again or for the first time. */
export function topicEndRights(stack: Stack): PolicyStatement[] {
  return [allow(["sns:CreateTopic", "sns:DeleteTopic"], topicArns(stack))];
}

export function subscriptionRights(stack: Stack): PolicyStatement[] {
  const actions = ["Subscribe", "Unsubscribe", "ListSubscriptionsByTopic", "GetSubscriptionAttributes"].map((name) => `sns:${name}`);
  return [allow(actions, topicArns(stack))];
}

export function directoryRights(userPoolArn: string): PolicyStatement[] {
  const actions = ["CreateUser", "GetUser", "SetUserPassword", "DeleteUser"].map((name) => `cognito-idp:Admin${name}`);
  return [allow(actions, [userPoolArn])];
}

function iotArns(stack: Stack): (resource: string, resourceName: string) => string {
  return (resource, resourceName) => stack.formatArn({ service: "iot", resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

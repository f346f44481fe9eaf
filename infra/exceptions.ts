import { CfnElement, type Stack, Validations } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ControlPlaneStacks } from "./control-plane.ts";

/** What a rule of cdk-nag finds and stays so, and why. */
interface Exception {
  /** With what is found in brackets, where the rule names it. */
  readonly rule: string;
  readonly reason: string;
}

const ofAccount = (service: string, resource: string): string =>
  `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}]`;

/** Of roles that send to nodes and shut removed ones out. */
const toNodes: readonly Exception[] = [
  {
    rule: ofAccount("iot", "topic/understudy/v1/*"),
    reason:
      "Clusters and nodes get their ids while the control plane runs; all topics below this prefix are its own, and nodes cannot publish to the ones it uses.",
  },
  {
    rule: ofAccount("iot", "thing/node_*"),
    reason: "Nodes are enrolled while the control plane runs; only things by this prefix are its own.",
  },
  {
    rule: ofAccount("iot", "cert/*"),
    reason:
      "A certificate's id is its hash, made by AWS IoT Core at enrolment: it has no prefix. Whoever else uses AWS IoT Core in this account should do so in another.",
  },
  {
    rule: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "iot:ListThings and iot:RegisterCertificateWithoutCA know no resources; no other action stands in these statements (test/infra/rights-suite.ts).",
  },
];

const toCustomers: readonly Exception[] = ["alerts", "escalations"].map((level) => ({
  rule: ofAccount("sns", `understudy-${level}-*`),
  reason: "Each customer's topic is made while the control plane runs; only topics by this prefix are its own.",
}));

const openDoor: Exception = {
  rule: "AwsSolutions-APIG4",
  reason:
    "One gate inside holds every route to what it declares (functions/api/gate.ts, functions/console/page-access.ts), by keys, sessions and node certificates that API Gateway does not know; ACCESS.md shows each as every caller.",
};

const people: readonly Exception[] = [
  {
    rule: "AwsSolutions-COG2",
    reason: "Everybody may set a second factor up; the first sign-in must work without one, with the password that an owner was told.",
  },
  {
    rule: "AwsSolutions-COG8",
    reason: "The plus plan is paid for each person who signs in; nobody can sign up by themselves, and few people sign in.",
  },
];

const noFurtherQueue: Exception = {
  rule: "AwsSolutions-SQS3",
  reason: "It is itself the dead letters' queue: of the subscriptions that SNS keeps, which this template does not name.",
};

/** Writes down each exception where it is; what is in none of these fails the synthesis. */
export function explainExceptions({ data, door, fleet, alerts, pages }: ControlPlaneStacks): void {
  explain(data, [...people, noFurtherQueue]);
  explain(door, [openDoor, ...toNodes, ...toCustomers]);
  explain(fleet, [...toNodes, ...wakers(fleet, fleet.functions)]);
  explain(alerts, [...toNodes, ...toCustomers, ...wakers(alerts, alerts.functions)]);
  if (pages !== undefined) explain(pages, [openDoor, ...toNodes, ...toCustomers]);
}

/** The schedules' roles may invoke each version of the one function that they wake. */
function wakers(stack: Stack, functions: readonly LambdaFunction[]): Exception[] {
  return functions.flatMap(({ node: { defaultChild } }) => {
    if (!CfnElement.isCfnElement(defaultChild)) return [];
    const rule = `AwsSolutions-IAM5[Resource::<${stack.getLogicalId(defaultChild)}.Arn>:*]`;
    return [{ rule, reason: "Versions of this one function; the construct library writes it so." }];
  });
}

function explain(stack: Stack, exceptions: readonly Exception[]): void {
  Validations.of(stack).acknowledge(...exceptions.map(({ rule, reason }) => ({ id: `AwsSolutions::${rule}`, reason })));
}

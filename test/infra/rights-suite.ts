import { Queue } from "aws-cdk-lib/aws-sqs";
import { describe, expect, it } from "vitest";
import { functionNames } from "../../infra/function-bundles.ts";
import { type Statement, Synthesized } from "./synthesized.ts";

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

/** Each role, of a stage with everything. */
export function describeRights(synthesized: Synthesized): void {
  const having = (action: string): string[] => functionNames.filter((name) => synthesized.actionsOf(name).has(action));

  describe("infra: what each function may do", () => {
    it("no action is a wildcard, and only what knows no resource is allowed on all", () => {
      const statements = synthesized
        .resources()
        .filter(({ Type }) => Type === "AWS::IAM::Role" || Type === "AWS::IAM::Policy")
        .flatMap(({ Properties }) => [
          ...((Properties["Policies"] ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).map((one) => one.PolicyDocument),
          Properties["PolicyDocument"] as { Statement: Statement[] } | undefined,
        ])
        .flatMap((document) => document?.Statement ?? []);
      expect(statements.length).toBeGreaterThan(20);
      expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
      const onAll = statements.filter(({ Resource }) => listed(Resource).includes("*")).flatMap(({ Action }) => Action);
      expect(new Set(onAll)).toEqual(new Set(["iot:ListThings", "iot:RegisterCertificateWithoutCA"]));
    });

    it.each([
      ["kms:Sign", ["api", "console", "ingest", "licences"]],
      ["kms:GenerateMac", ["console"]],
      ["iot:RegisterCertificateWithoutCA", ["api"]],
      ["iot:AttachPolicy", ["api"]],
      ["iot:CreatePolicy", []],
      ["sns:Publish", ["alerts", "api", "console"]],
      ["sns:Subscribe", ["api", "console"]],
      ["sns:DeleteTopic", ["api", "console", "licences"]],
      ["cognito-idp:AdminSetUserPassword", ["api", "console", "first-owner"]],
      ["dynamodb:Scan", []],
      ["dynamodb:DeleteTable", []],
    ])("%s is for %j alone", (action, functions) => {
      expect(having(action)).toEqual(functions);
    });

    it("the witness reads and writes single items of clusters and certificates, and nothing else", () => {
      const [log, store, ...more] = synthesized.statementsOf("witness");
      expect(more).toEqual([]);
      expect(log?.Action).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
      expect(store).toMatchObject({
        Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["CLUSTER#*", "CERTIFICATE#*"] } },
      });
    });

    it("the sweep of summaries reads the store, and writes items of clusters alone", () => {
      const [_log, ...store] = synthesized.statementsOf("summaries");
      expect(store.map(({ Action }) => Action)).toEqual(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"]);
      expect(store.at(-1)).toMatchObject({ Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["CLUSTER#*"] } } });
    });

    it("what cdk-nag finds and nobody has explained fails the synthesis", () => {
      expect(() => new Synthesized({ name: "planted" }, { before: ({ fleet }) => void new Queue(fleet, "Planted") })).toThrow(
        /The SQS queue is not used as a dead-letter queue/,
      );
    });
  });
}

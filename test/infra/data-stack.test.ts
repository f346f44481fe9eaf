import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { DynamoTable, dynamoDocumentClient } from "../../functions/store/dynamo-table.ts";
import { removableAttribute } from "../../functions/store/table-keys.ts";
import { DataStack } from "../../infra/data-stack.ts";
import { stageNamed } from "../../infra/stages.ts";

/** The package brings no types. */
const dynalite = createRequire(import.meta.url)("dynalite") as (options: { readonly createTableMs: number }) => Server;

describe("infra: the data stack", () => {
  const template = Template.fromStack(new DataStack(new App(), "Data", { stage: stageNamed("prod") }));
  const [table] = Object.values(template.findResources("AWS::DynamoDB::GlobalTable"));

  it("keeps the table and the key whatever happens to the stack", () => {
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    template.hasResource("AWS::KMS::Key", { DeletionPolicy: "Retain", Properties: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } });
  });

  it("removes by itself what the store marks, and nothing else", () => {
    expect(table).toMatchObject({ Properties: { TimeToLiveSpecification: { AttributeName: removableAttribute, Enabled: true } } });
  });

  it("has point-in-time recovery and deletion protection", () => {
    expect(table).toMatchObject({
      Properties: {
        Replicas: [{ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
      },
    });
  });

  it("is the table that the embedded cloud makes for itself: same keys, same index", async () => {
    const server = dynalite({ createTableMs: 0 });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = { endpoint, region: "eu-central-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    await new DynamoTable(dynamoDocumentClient(config), "understudy").createIfAbsent();
    const { Table: embedded } = await new DynamoDBClient(config).send(new DescribeTableCommand({ TableName: "understudy" }));
    server.close();

    const deployed = table?.["Properties"] as Record<string, unknown>;
    expect(deployed["KeySchema"]).toEqual(embedded?.KeySchema);
    expect(deployed["GlobalSecondaryIndexes"]).toEqual(
      embedded?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
    );
    expect(deployed["AttributeDefinitions"]).toEqual(expect.arrayContaining(embedded?.AttributeDefinitions ?? []));
  });
});

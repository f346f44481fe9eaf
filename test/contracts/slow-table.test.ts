import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { DynamoTable, dynamoDocumentClient } from "../../functions/store/dynamo-table.ts";

/** The package brings no types. */
type Dynalite = (options: { readonly createTableMs: number }) => Server;

it("a table that takes its time: whoever has made it can put something into it", async () => {
  const server = (createRequire(import.meta.url)("dynalite") as Dynalite)({ createTableMs: 300 });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "slow", secretAccessKey: "slow" };
  const client = dynamoDocumentClient({ endpoint, region: "us-east-1", credentials });
  const table = new DynamoTable(client, "understudy");
  await table.createIfAbsent();
  expect(await table.putIfAbsent({ pk: "CUSTOMER#1", sk: "CUSTOMER" })).toBe(true);
  // Again, where it stands.
  await table.createIfAbsent();
  expect(await table.get({ pk: "CUSTOMER#1", sk: "CUSTOMER" })).toEqual({ pk: "CUSTOMER#1", sk: "CUSTOMER" });
  client.destroy();
  server.close();
});

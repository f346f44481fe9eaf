import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alertJsonSchema } from "../../../shared/protocol/alert-contract.ts";
import { alertSchemaName } from "../../../shared/protocol/alert-schema.ts";
import { sampleAlert } from "../../functions/notify/sample-alert.ts";

const path = fileURLToPath(new URL("../../../shared/protocol/alert.schema.json", import.meta.url));
const text = `${JSON.stringify(alertJsonSchema(), null, 2)}\n`;

describe("the published schema of alerts", () => {
  it("the file has what the code sends; UPDATE_ALERT_SCHEMA=1 writes it anew", () => {
    if (process.env["UPDATE_ALERT_SCHEMA"] === "1") writeFileSync(path, text);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(alertJsonSchema());
  });

  it("bears the name that every alert bears, asks for what it has, and forbids nothing that a later one may add", () => {
    const schema = alertJsonSchema();
    const { body } = sampleAlert();
    expect(schema).toMatchObject({ title: alertSchemaName, properties: { schema: { const: body.schema } } });
    expect([...(schema["required"] as string[])].toSorted()).toEqual(Object.keys(body).toSorted());
    expect(text).not.toContain("additionalProperties");
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { alertSchema, alertSchemaName } from "../../../shared/protocol/alert-schema.ts";
import { sampleAlert } from "../../functions/notify/sample-alert.ts";

/** The body of every alert (draft 2020-12), for whoever writes a subscriber. Open: what is added under the same number must not break who checks by it. */
function alertJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(alertSchema.extend({ detail: z.looseObject({ kind: z.string() }) }), {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
  return { title: alertSchemaName, ...schema };
}

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

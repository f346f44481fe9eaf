import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clusterSettingList, clusterSettings } from "../../../shared/config/cluster-settings.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import { type ClusterSetting, outOfRange, rangeOf } from "../../../shared/domain/settings/cluster-setting.ts";
import { settingsInForce } from "../../../shared/domain/settings/settings-in-force.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { putTriggerSchema } from "../../../shared/protocol/trigger-schema.ts";
import { sampleDocument } from "../../functions/console/sample-cluster.ts";

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

interface Bound {
  readonly path: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** Every number of a schema that has bounds of its own, by its path; of a list whatever its entries are called. */
function boundsOf(schema: JsonSchema, path: string): readonly Bound[] {
  const shapes = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => boundsOf(one, path === "" ? name : `${path}.${name}`));
  const own = schema.type === "integer" ? [{ path, min: schema.minimum, max: schema.maximum }] : [];
  const entries = schema.items === undefined ? [] : boundsOf(schema.items, `${path}.NAME`);
  return [...own, ...below, ...entries, ...shapes.flatMap((shape) => boundsOf(shape, path))];
}

/** What nobody chooses, or what has no advice to give: identity, versions, ports and an approval's number. */
const noSettings = /[vV]ersion$|[pP]ort$|^schema$|^approval\.number$/;
const bounds = boundsOf(z.toJSONSchema(clusterDocumentSchema, { io: "input", unrepresentable: "any" }) as JsonSchema, "");
const numbers: readonly ClusterSetting[] = clusterSettingList.filter(
  ({ range, unit }) => range !== undefined && unit !== "nodes" && unit !== "entries" && unit !== "resources",
);

describe("the settings of a cluster", () => {
  it("each number that the document's schema bounds has its setting, with the same bounds, and the other way round", () => {
    const inSchema = bounds.filter(({ path }) => !noSettings.test(path)).map(({ path, min, max }) => `${path} ${min} ${max}`);
    const inList = numbers.map(({ path, range }) => `${path} ${range?.min} ${range?.max}`);
    expect(inSchema.length).toBeGreaterThan(10);
    expect(inSchema.toSorted()).toEqual(inList.toSorted());
  });

  it("every default lies within its range, and every setting has advice and a route", () => {
    for (const setting of clusterSettingList) {
      const { byDefault, range, values, advice, changedBy, path } = setting;
      if (typeof byDefault === "number" && range !== undefined)
        expect([byDefault >= range.min, byDefault <= range.max], path).toEqual([true, true]);
      if (typeof byDefault === "string" || typeof byDefault === "boolean") expect(values, path).toContain(String(byDefault));
      expect(rangeOf(setting), path).not.toBe("");
      expect(advice, path).toMatch(/\.$/);
      expect(changedBy).toMatch(/^(POST|PUT) \/v1\//);
    }
    expect(clusterSettings.leaseMs.byDefault).toBe(failoverSettings.profiles.default.leaseMs);
  });

  it("out of its range: the range and the advice are said", () => {
    const parsed = putTriggerSchema.safeParse({ source: { kind: "webhook" }, actions: [], keptDays: 1 });
    const messages = parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    expect(messages).toContain(`keptDays: must be 2 to 366 days. ${clusterSettings.keptDays.advice}`);
    expect(outOfRange(clusterSettings.whenAlone)).toMatch(/^must be stop, survivor, probe\. Two nodes alone/);
  });

  it("what a document says, by the path of each setting; what it does not say is not there", () => {
    const [group] = sampleDocument({ nodeNames: ["node-a", "node-b"] }).groups;
    if (group === undefined) throw new Error("there is a group");
    const document = {
      ...sampleDocument({ nodeNames: ["node-a", "node-b"] }),
      whenAlone: "probe" as const,
      groups: [{ ...group, failback: { mode: "automatic" as const, stableForMs: 300_000 } }],
      timing: { leaseMs: 900, heartbeatIntervalMs: 150, suspectAfterMs: { least: 450, usual: 600, most: 850 }, rankDelayMs: 75 },
    };
    const said = settingsInForce(document);
    expect(said).toMatchObject({
      timing: ["custom"],
      "timing.leaseMs": ["900"],
      whenAlone: ["probe"],
      "groups.NAME.failback.stableForMs": ["default: 300000"],
      "dataSets.NAME.kind": ["crm: sqlite"],
    });
    expect(said).not.toHaveProperty("cloudWitness");
    const known = new Set<string>(clusterSettingList.map(({ path }) => path));
    expect(Object.keys(said).filter((path) => !known.has(path))).toEqual([]);
  });
});

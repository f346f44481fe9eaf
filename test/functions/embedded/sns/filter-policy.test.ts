import { describe, expect, it } from "vitest";
import { parseFilterPolicy } from "../../../../functions/embedded/sns/filter-policy.ts";
import type { MessageAttributes } from "../../../../functions/embedded/sns/message-attributes.ts";

const critical: MessageAttributes = {
  severity: { Type: "String", Value: "critical" },
  kind: { Type: "String", Value: "group.takeover" },
  epoch: { Type: "Number", Value: "7.0" },
  tags: { Type: "String.Array", Value: '["lobby", 3, true, null]' },
  blob: { Type: "Binary", Value: "AAAA" },
};
const matches = (policy: unknown, attributes = critical) => parseFilterPolicy(JSON.stringify(policy))(attributes);

describe("filter policy", () => {
  it.each<[unknown, boolean]>([
    [{ severity: ["critical"] }, true],
    [{ severity: ["warning", "critical"] }, true],
    [{ severity: ["warning"] }, false],
    [{ severity: ["critical"], kind: ["node.silent"] }, false],
    [{ severity: [{ "equals-ignore-case": "CRITICAL" }] }, true],
    [{ kind: [{ prefix: "group." }] }, true],
    [{ kind: [{ prefix: "node." }] }, false],
    [{ kind: [{ suffix: ".takeover" }] }, true],
    [{ severity: [{ "anything-but": "critical" }] }, false],
    [{ severity: [{ "anything-but": ["info", "warning"] }] }, true],
    [{ kind: [{ "anything-but": { prefix: "group." } }] }, false],
    [{ customer: [{ "anything-but": "x" }] }, false],
    [{ customer: [{ exists: false }] }, true],
    [{ customer: [{ exists: true }] }, false],
    [{ kind: [{ exists: true }] }, true],
    [{ kind: [{ exists: false }] }, false],
    [{ epoch: [7] }, true],
    [{ epoch: [{ numeric: ["=", 7] }] }, true],
    [{ epoch: [{ numeric: [">", 7] }] }, false],
    [{ epoch: [{ numeric: [">=", 7, "<", 8] }] }, true],
    [{ severity: [{ numeric: [">", 0] }] }, false],
    [{ tags: ["lobby"] }, true],
    [{ tags: [3] }, true],
    [{ tags: [null] }, true],
    [{ tags: [{ "anything-but": ["lobby"] }] }, true],
    [{ blob: ["AAAA"] }, false],
    [{ toString: [{ exists: true }] }, false],
    [{}, true],
  ])("%j: %s", (policy, expected) => expect(matches(policy)).toBe(expected));

  it.each<[string, RegExp]>([
    ["{", /failed to parse/],
    ["[]", /must be a JSON object/],
    ['{"a":"b"}', /must be a non-empty array/],
    ['{"a":[]}', /must be a non-empty array/],
    ['{"a":[{"cidr":"10.0.0.0/8"}]}', /Unrecognized match type cidr/],
    ['{"$or":[{"a":["b"]}]}', /Unrecognized match type \$or/],
    ['{"a":[{"prefix":""}]}', /non-empty string/],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', /one match type/],
    ['{"a":[{"numeric":["~",1]}]}', /numeric takes/],
    ['{"a":[{"numeric":["toString",1]}]}', /numeric takes/],
    ['{"a":[{"exists":"yes"}]}', /true or false/],
    ['{"a":["b"],"b":["b"],"c":["b"],"d":["b"],"e":["b"],"f":["b"]}', /more than 5 keys/],
    [`{"a":[${Array.from({ length: 151 }, (_, index) => index).join(",")}]}`, /too complex/],
  ])("%s: refused", (policy, reason) => expect(() => parseFilterPolicy(policy)).toThrow(reason));
});

import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences } from "../../../../shared/domain/audit/difference.ts";

const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe("what two versions differ in", () => {
  it("a member of a list by its name, and only what of it was changed", () => {
    const before = {
      version: 3,
      groups: [
        { name: "default", order: ["a", "b"] },
        { name: "phones", order: ["b"] },
      ],
    };
    const after = {
      version: 4,
      groups: [
        { name: "default", order: ["b", "a"] },
        { name: "phones", order: ["b"] },
      ],
    };
    expect(differences(before, after)).toEqual([
      { path: "version", before: 3, after: 4 },
      { path: "groups.default.order", before: ["a", "b"], after: ["b", "a"] },
    ]);
  });

  it("what is new has no before, what is gone no after", () => {
    const [one, other] = [
      { nodeId: "node_1", name: "alpha" },
      { nodeId: "node_2", name: "beta" },
    ];
    expect(differences({ nodes: [one, other] }, { nodes: [other] })).toEqual([{ path: "nodes.node_1", before: one }]);
    expect(differences({ nodes: [other] }, { nodes: [one, other] })).toEqual([{ path: "nodes.node_1", after: one }]);
    expect(differences(undefined, { name: "Adler" })).toEqual([{ path: "", after: { name: "Adler" } }]);
  });

  it("the same members in another order", () => {
    const [one, other] = [{ name: "address" }, { name: "service" }];
    expect(differences({ resources: [one, other] }, { resources: [other, one] })).toEqual([
      { path: "resources", before: ["address", "service"], after: ["service", "address"] },
    ]);
  });

  it("of any two documents: nothing where they are equal, something where they are not", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(differences(json(one), json(one))).toEqual([]);
        expect(differences(json(one), json(other)).length === 0).toBe(isDeepStrictEqual(json(one), json(other)));
      }),
    );
  });
});

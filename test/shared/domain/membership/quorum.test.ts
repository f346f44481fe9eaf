import * as fc from "fast-check";
import { expect, it } from "vitest";
import { majorityOf } from "../../../../shared/domain/membership/quorum.ts";

it("any two majorities share a voter, also across a change by one voter", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.constantFrom(-1, 0, 1), (voters, change) => {
      const everybody = Math.max(voters, voters + change);
      expect(majorityOf(voters) + majorityOf(Math.max(1, voters + change))).toBeGreaterThan(everybody);
    }),
  );
});

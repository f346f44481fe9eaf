import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Access, judgeAccess, mayGrant, type Reach, reaches, roles } from "../../../../shared/domain/access/access.ts";
import type { CustomerId } from "../../../../shared/domain/ids.ts";

const [adler, bear, krone] = ["cust_adler", "cust_bear", "cust_krone"] as CustomerId[] as [CustomerId, CustomerId, CustomerId];
const everyone = [adler, bear, krone];
const role = fc.constantFrom(...roles);
const customers = fc.oneof(fc.constant("all" as const), fc.subarray(everyone, { minLength: 1 }));
const access: fc.Arbitrary<Access> = fc.record({ role, customers });

describe("who may do what", () => {
  it("another's customer is unknown, whatever the role and whatever is asked", () => {
    for (const role of roles)
      for (const reach of ["customer", "provider"] as Reach[])
        expect(judgeAccess({ role, customers: [bear] }, { role: "viewer", reach }, adler)).toBe("unknown");
  });

  it("each role may do what those before it may, and no more", () => {
    const verdicts = roles.map((has) =>
      roles.map((needs) => judgeAccess({ role: has, customers: "all" }, { role: needs, reach: "customer" }, adler)),
    );
    expect(verdicts).toEqual([
      ["allowed", "forbidden", "forbidden"],
      ["allowed", "allowed", "forbidden"],
      ["allowed", "allowed", "allowed"],
    ]);
  });

  it("what is the provider's is not for those who have some customers only, be it about one of theirs", () => {
    expect(judgeAccess({ role: "owner", customers: [adler] }, { role: "owner", reach: "provider" }, adler)).toBe("forbidden");
    expect(judgeAccess({ role: "owner", customers: [adler] }, { role: "owner", reach: "provider" }, null)).toBe("forbidden");
    expect(judgeAccess({ role: "owner", customers: "all" }, { role: "owner", reach: "provider" }, null)).toBe("allowed");
  });
});

describe("who may give what", () => {
  it("only an owner, and never beyond his own customers", () => {
    fc.assert(
      fc.property(access, access, (granter, granted) => {
        const within = granted.customers === "all" ? granter.customers === "all" : granted.customers.every((one) => reaches(granter, one));
        expect(mayGrant(granter, granted)).toBe(granter.role === "owner" && within);
      }),
    );
  });

  it("no chain of grants leads to more than its beginning had", () => {
    fc.assert(
      fc.property(access, fc.array(access, { maxLength: 8 }), (first, wishes) => {
        const last = wishes.reduce((granter, wish) => (mayGrant(granter, wish) ? wish : granter), first);
        for (const customer of everyone)
          for (const needed of roles) {
            const requirement = { role: needed, reach: "customer" } as const;
            if (judgeAccess(last, requirement, customer) === "allowed") expect(judgeAccess(first, requirement, customer)).toBe("allowed");
          }
      }),
    );
  });
});

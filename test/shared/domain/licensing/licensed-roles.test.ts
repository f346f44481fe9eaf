import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { contradictions, entitlementsOf, type LicensedNode, rolesFor } from "../../../../shared/domain/licensing/licensed-roles.ts";
import { day, sampleTerm } from "./sample-term.ts";

const [macA, macB, macC] = ["02:00:5e:00:00:0a", "02:00:5e:00:00:0b", "02:00:5e:00:00:0c"] as const;
const node = (name: string, role: "primary" | "secondary", ...hardwareAddresses: string[]): LicensedNode => ({
  nodeId: name as NodeId,
  role,
  hardwareAddresses,
});
const naming = (primary: string, ...secondaries: string[]) =>
  sampleTerm({
    members: [
      { hardwareAddress: primary, role: "primary" },
      ...secondaries.map((hardwareAddress) => ({ hardwareAddress, role: "secondary" as const })),
    ],
  });
const roles = (...args: Parameters<typeof rolesFor>) => [...rolesFor(...args)].map(([name, role]) => `${name} ${role}`);

describe("licences: roles by hardware address", () => {
  const pair = [node("a", "primary", macA), node("b", "secondary", macC, macB)];

  it("whom the licence names is the primary, by any of its addresses, whatever was set", () => {
    expect(roles([naming(macB)], pair)).toEqual(["a secondary", "b primary"]);
  });

  it("a licence that names nobody who is here changes nothing: a new network card demotes no server", () => {
    expect(roles([naming("02:00:5e:00:00:ff")], pair)).toEqual(["a primary", "b secondary"]);
    expect(roles([sampleTerm()], pair)).toEqual(["a primary", "b secondary"]);
  });

  it("a server that is named as secondary is never the primary, though the primary is not here yet", () => {
    expect(roles([naming("02:00:5e:00:00:ff", macA)], pair)).toEqual(["a secondary", "b secondary"]);
  });

  it("of two licences that name a server the newer one counts", () => {
    const newer = { ...naming(macC, macA), validFromMs: 12 * day, licenceId: "lic_b" };
    expect(roles([naming(macA, macB), newer], pair)).toEqual(["a secondary", "b primary"]);
  });
});

describe("licences: what each node may do", () => {
  it("all that some licence grants, and no more than the entry of its own says", () => {
    const writerOnly = sampleTerm({
      members: [{ hardwareAddress: macA, role: "primary", entitlements: ["replication", "provisioning_master"] }],
    });
    expect(entitlementsOf([writerOnly], node("a", "primary", macA), 12 * day)).toEqual(["replication", "provisioning_master"]);
    expect(entitlementsOf([writerOnly], node("b", "secondary", macB), 12 * day)).toHaveLength(3);
    expect(entitlementsOf([sampleTerm({ entitlements: ["replication"] })], node("b", "secondary"), 12 * day)).toEqual(["replication"]);
  });

  it("where nothing is in force nothing is taken away", () => {
    expect(entitlementsOf([sampleTerm({ entitlements: [] })], node("a", "primary"), 99 * day)).toHaveLength(3);
  });
});

describe("licences: what cannot hold together", () => {
  it.each([
    [
      "two primaries",
      { ...naming(macA), members: [macA, macB].map((hardwareAddress) => ({ hardwareAddress, role: "primary" as const })) },
      /^it names 2 primaries/,
    ],
    ["one server twice", naming(macA, macB, macB), `it names ${macB} twice`],
    [
      "another primary than a licence that counts",
      { ...naming(macB), licenceId: "lic_b" },
      `it names ${macB} as the primary, and licence lic_a names ${macA}`,
    ],
  ] as const)("%s", (_situation, licence, problem) => {
    expect(contradictions(licence, [naming(macA)], 12 * day)).toEqual([expect.stringMatching(problem)]);
  });

  it("the same primary, none, one of a lapsed licence, and the same licence again are no contradiction", () => {
    const other = { licenceId: "lic_b" };
    expect(contradictions({ ...naming(macA), ...other }, [naming(macA)], 12 * day)).toEqual([]);
    expect(contradictions({ ...sampleTerm(), ...other }, [naming(macA)], 12 * day)).toEqual([]);
    expect(contradictions({ ...naming(macB), ...other }, [naming(macA)], 99 * day)).toEqual([]);
    expect(contradictions(naming(macB), [naming(macA)], 12 * day)).toEqual([]);
  });
});

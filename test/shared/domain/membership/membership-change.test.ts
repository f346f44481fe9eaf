import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import {
  activeMemberships,
  type Membership,
  mayChangeTo,
  missingAcknowledgements,
} from "../../../../shared/domain/membership/membership-change.ts";

const nodes = (names: string): NodeId[] => names.split("") as NodeId[];
const membership = (version: number, names: string): Membership => ({ version, voters: nodes(names) });
const acknowledged = (versions: Record<string, number>) => new Map(Object.entries(versions) as [NodeId, number][]);

describe("membership: which memberships may still be acted on", () => {
  it("a majority's acknowledgement settles a membership, and ends all before it", () => {
    const history = [membership(1, ""), membership(2, "a"), membership(3, "ab"), membership(4, "abc")];
    expect(activeMemberships(history, acknowledged({}))).toEqual(history);
    expect(activeMemberships(history, acknowledged({ a: 2 }))).toEqual(history.slice(1));
    expect(activeMemberships(history, acknowledged({ a: 3 }))).toEqual(history.slice(1));
    expect(activeMemberships(history, acknowledged({ a: 4, c: 4 }))).toEqual(history.slice(3));
  });

  it("half of the nodes is no majority", () => {
    expect(missingAcknowledgements(membership(3, "ab"), acknowledged({ a: 3 }))).toEqual(["b"]);
    expect(activeMemberships([membership(2, "a"), membership(3, "ab")], acknowledged({ a: 3 }))).toHaveLength(2);
  });
});

describe("membership: the next change", () => {
  it("one node may come or go, two may not", () => {
    const settled = [membership(3, "ab")];
    expect(["abc", "a", "ab", "abcd", "ac", ""].map((names) => mayChangeTo(nodes(names), settled))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("while the last change is not settled, only going back is possible", () => {
    const open = [membership(2, "a"), membership(3, "ab")];
    expect(["a", "abc", "b"].map((names) => mayChangeTo(nodes(names), open))).toEqual([true, false, false]);
  });

  it("any order of changes and acknowledgements: quorums of the new and of every membership still possible overlap", () => {
    const names = "abcde";
    const step = fc.oneof(fc.record({ flip: fc.nat(4) }), fc.record({ node: fc.nat(4), lag: fc.nat(2) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let history: readonly Membership[] = [membership(1, "")];
        const acks = new Map<NodeId, number>();
        let version = 1;
        for (const one of steps) {
          const current = history.at(-1) ?? membership(1, "");
          if ("node" in one) {
            const node = names[one.node] as NodeId;
            acks.set(node, Math.max(acks.get(node) ?? 0, current.version - one.lag));
            continue;
          }
          const node = names[one.flip] as NodeId;
          const next = current.voters.includes(node) ? current.voters.filter((member) => member !== node) : [...current.voters, node];
          const active = activeMemberships(history, acks);
          if (!mayChangeTo(next, active)) continue;
          for (const { voters } of active) expect(quorumsOverlap(voters, next)).toBe(true);
          version += 1;
          history = [...active, { version, voters: next }];
        }
      }),
    );
  });
});

/** Two majorities overlap where they together need more nodes than there are. */
function quorumsOverlap(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  if (one.length === 0 || other.length === 0) return true;
  const all = new Set([...one, ...other]).size;
  return majorityOf(one) + majorityOf(other) > all;
}

function majorityOf(voters: readonly NodeId[]): number {
  return Math.floor(voters.length / 2) + 1;
}

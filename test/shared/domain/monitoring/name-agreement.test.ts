import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import type { NodeSaid } from "../../../../shared/domain/monitoring/dns-event.ts";
import { type AgreementEdge, inAgreement, judgedAgreement } from "../../../../shared/domain/monitoring/name-agreement.ts";

const says = (...answers: readonly string[]): NodeSaid[] => answers.map((answer, index) => ({ node: `n${index}` as NodeId, answer }));

/** One look every two seconds; what was told, with the look at which it was. */
function run(
  looks: readonly (readonly NodeSaid[])[],
  tells = (_look: number): boolean => true,
): readonly (readonly [number, AgreementEdge])[] {
  let agreement = inAgreement;
  return looks.flatMap((said, index) => {
    const judged = judgedAgreement(agreement, { atMs: index * 2_000, said, tells: tells(index) });
    agreement = judged.agreement;
    return judged.edge === null ? [] : [[index, judged.edge] as const];
  });
}

const same = says("A", "A", "A");
const different = says("A", "B", "A");

describe("whether name servers agree", () => {
  it("told once after more than 10 s, with who says what, and once when it is over", () => {
    expect(run([same, ...Array(9).fill(different), same, same])).toEqual([
      [7, { kind: "diverged", forMs: 12_000, said: different }],
      [10, { kind: "agreed", divergedMs: 18_000 }],
    ]);
  });

  it("a change of holder, seen by one after the other, is none; nor is it added up", () => {
    expect(run([...Array(6).fill(different), says("B", "B", "B"), ...Array(6).fill(different), same])).toEqual([]);
  });

  it("who says nothing contradicts nobody", () => {
    expect(run(Array(20).fill(says("A")))).toEqual([]);
    expect(run(Array.from({ length: 20 }, () => []))).toEqual([]);
  });

  it("only one watcher tells; one that takes the place of another tells with the whole time", () => {
    expect(run([...Array(12).fill(different), same], () => false)).toEqual([]);
    expect(run(Array(12).fill(different), (look) => look >= 9)).toEqual([[9, { kind: "diverged", forMs: 18_000, said: different }]]);
  });
});

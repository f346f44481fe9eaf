import { majorityOf } from "../../shared/domain/membership/quorum.ts";

/** A planted bug for which some size of cluster needs too many coincidences: a script brings them about, for as many nodes as it is asked for. */
export interface ScriptBySize {
  /** One of the mutants that seeds are searched for. */
  readonly mutant: string;
  /** The rule that it breaks. */
  readonly rule: string;
  readonly scriptFor: (nodes: number) => string;
}

export const scriptsBySize: readonly ScriptBySize[] = [
  {
    mutant: "lease-from-answer",
    rule: "S1",
    // Every answer to the holder is under way for long when its requests stop to arrive: the last of them come when the promises behind them are half over.
    scriptFor: (nodes) => {
      const others = othersThanA(nodes);
      return `
        cluster ${nodes}
        run 4000
        ${others.map((node) => `late ${node} a 140`).join("\n")}
        run 1000
        ${others.map((node) => `late ${node} a 280`).join("\n")}
        run 1500
        ${others.map((node) => `cut a ${node}`).join("\n")}
        run 2000`;
    },
  },
  {
    mutant: "leases-on-one-path",
    rule: "L2",
    scriptFor: (nodes) => `
      cluster ${nodes} two-paths
      run 4000
      lose-network main
      run 2000`,
  },
  {
    mutant: "older-document-granted",
    rule: "S1",
    // a runs the group by the votes of the few that there were; it cannot take in that the cluster grows, and is not heard by those who come to be a majority.
    scriptFor: (nodes) => {
      const { first, others } = growthTo(nodes);
      return `
        cluster ${nodes}
        members ${first.join(" ")}
        run 5000
        switchover b a
        run 1000
        disk-full a
        ${others.flatMap((node) => [`cut a ${node}`, `cut ${node} a`]).join("\n")}
        ${grownBy(first, others)
          .map((members) => `voters ${members.join(" ")}\nrun 1000`)
          .join("\n")}
        run 5000`;
    },
  },
  {
    mutant: "confirmed-too-early",
    rule: "S4",
    // The few agree on a number that the others do not hear of; then these come to be a majority.
    scriptFor: (nodes) => {
      const { first, few, others } = growthTo(nodes);
      return `
        cluster ${nodes}
        members ${first.join(" ")}
        run 5000
        switchover b a
        run 1000
        ${few.flatMap((one) => others.flatMap((other) => [`cut ${one} ${other}`, `cut ${other} ${one}`])).join("\n")}
        switchover a b
        run 2000
        ${grownBy(first, others)
          .map((members) => `voters ${members.join(" ")}\nrun 1000`)
          .join("\n")}
        run 6000`;
    },
  },
];

/** A cluster that grows until those that were no majority of its first voters are one of all. */
function growthTo(nodes: number): {
  readonly first: readonly string[];
  readonly few: readonly string[];
  readonly others: readonly string[];
} {
  const all = ["a", ...othersThanA(nodes)];
  const first = all.slice(0, nodes < 7 ? 3 : 5);
  const few = first.slice(0, majorityOf(first.length));
  return { first, few, others: all.slice(few.length) };
}

/** One more voter each time. */
function grownBy(first: readonly string[], others: readonly string[]): readonly (readonly string[])[] {
  const coming = others.filter((node) => !first.includes(node));
  return coming.map((_, index) => [...first, ...coming.slice(0, index + 1)]);
}

function othersThanA(nodes: number): readonly string[] {
  return ["b", "c", "d", "e", "f", "g", "h"].slice(0, nodes - 1);
}

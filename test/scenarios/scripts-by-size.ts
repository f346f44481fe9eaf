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
];

function othersThanA(nodes: number): readonly string[] {
  return ["b", "c", "d", "e", "f", "g", "h"].slice(0, nodes - 1);
}

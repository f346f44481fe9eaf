/** How this node compares its rows with the others', all the time. */
export interface CompareSettings {
  /** After a round with one node, before the next with another. */
  readonly pauseSeconds: number;
  readonly rowsPerSecondMax: number;
  /** What is wrong here is put right by itself, or only where an operator asks for it. */
  readonly repair: "automatic" | "by-command";
}

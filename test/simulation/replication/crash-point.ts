/** Places at which whoever works on the file may be killed, or the power may go. */
export type CrashPoint =
  | "capture"
  | "apply begun"
  | "applying"
  | "applied"
  | "pruning"
  | "pruned"
  | "letting go"
  | "let go"
  | "swapping"
  | "swapped"
  | "read"
  | "sent"
  | "retimed";

import { type Fence, precedence } from "./fence.ts";

/** Somebody else was faster between the look and the update: look again, so often. */
const racesMax = 3;

/** A fence as it stands at a server; `Seen` adds what the caller needs to name it as a prerequisite. */
export interface SeenFence {
  readonly fence: Fence;
}

export type UpdateOutcome =
  | { readonly is: "updated" }
  /** It was so already. */
  | { readonly is: "kept" }
  /** Somebody holds the name under a higher number: this node is the late one. */
  | { readonly is: "overtaken"; readonly by: Fence }
  | { readonly is: "not-current" };

/** What to do next to point a name at this node at one server. `race`: how often somebody was faster. */
export type UpdateMove<Seen extends SeenFence> =
  | { readonly do: "look-at-fence"; readonly race: number }
  | { readonly do: "look-at-address"; readonly race: number; readonly seen: Seen }
  /** Fence and address in one update, which the server carries out only while the fence is as it was seen (null: while there is none). */
  | { readonly do: "change"; readonly race: number; readonly seen: Seen | null }
  | { readonly do: "end"; readonly outcome: UpdateOutcome }
  /** The name is another cluster's, or others changed it each time. */
  | { readonly do: "fail"; readonly because: "foreign"; readonly by: Fence }
  | { readonly do: "fail"; readonly because: "raced" };

export type ChangeResult = "changed" | "fence-has-changed" | "not-current";

export const firstMove = { do: "look-at-fence", race: 0 } as const;

export function afterFence<Seen extends SeenFence>(own: Fence, race: number, seen: Seen | null): UpdateMove<Seen> {
  if (seen === null) return { do: "change", race, seen };
  switch (precedence(own, seen.fence)) {
    case "foreign":
      return { do: "fail", because: "foreign", by: seen.fence };
    case "overtaken":
      return { do: "end", outcome: { is: "overtaken", by: seen.fence } };
    case "mine":
      return { do: "look-at-address", race, seen };
    case "go-ahead":
      return { do: "change", race, seen };
  }
}

export function afterAddress<Seen extends SeenFence>(race: number, seen: Seen, isRight: boolean): UpdateMove<Seen> {
  return isRight ? { do: "end", outcome: { is: "kept" } } : { do: "change", race, seen };
}

export function afterChange(race: number, result: ChangeResult): UpdateMove<never> {
  if (result === "not-current") return { do: "end", outcome: { is: "not-current" } };
  if (result === "changed") return { do: "end", outcome: { is: "updated" } };
  return race + 1 < racesMax ? { do: "look-at-fence", race: race + 1 } : { do: "fail", because: "raced" };
}

import { z } from "zod";
import { Refusal } from "./refusal.ts";

/** Where an entry stands in its list's order. Compared part by part: names as people sort them, and last an id, so that no two places are the same. */
export type Place = readonly (string | number)[];

export interface ListPage<Entry> {
  readonly entries: readonly Entry[];
  /** Where more follow: what `after` takes. */
  readonly next?: string;
}

const placeSchema = z.array(z.union([z.string(), z.number()])).max(8);
const collator = new Intl.Collator("en", { numeric: true });

export function comparePlaces(one: Place, other: Place): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? "";
    const difference =
      typeof part === "number" ? part - Number(against) : comparers[index === one.length - 1 ? "id" : "name"](part, String(against));
    if (difference !== 0) return difference;
  }
  return 0;
}

const comparers = {
  name: (one: string, other: string): number => collator.compare(one, other),
  id: (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0),
} as const;

/**
 * A page of a list in the order of its places. It begins after a place and not after a count: what comes and goes before it moves nothing, and an entry that keeps its place
 * is on one page.
 */
export function pageOf<Entry>(
  sorted: readonly Entry[],
  placeOf: (entry: Entry) => Place,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): ListPage<Entry> {
  const from = after === undefined ? null : placeIn(after);
  const rest = from === null ? sorted : sorted.filter((entry) => comparePlaces(placeOf(entry), from) > 0);
  const entries = rest.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(rest.length > limit && last !== undefined ? { next: cursorOf(placeOf(last)) } : {}) };
}

function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function placeIn(cursor: string): Place {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw new Refusal("invalid-request", "after is no place in this list", "Take the next of the page before, or begin without it.");
  }
}

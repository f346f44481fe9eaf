import type { Period } from "../../shared/domain/availability/period.ts";

/** A calendar month in UTC, of its name as `2026-11`; null for what names none. */
export function monthOf(name: string): Period | null {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (year === undefined || month === undefined) return null;
  return { fromMs: Date.UTC(Number(year), Number(month) - 1), toMs: Date.UTC(Number(year), Number(month)) };
}

export function monthNameAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, "2026-11".length);
}

/** The months before and after. */
export function neighboursOf({ fromMs, toMs }: Period): { readonly before: string; readonly after: string } {
  return { before: monthNameAt(fromMs - 1), after: monthNameAt(toMs) };
}

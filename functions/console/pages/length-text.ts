const units = [
  { ms: 86_400_000, name: "d" },
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: 1_000, name: "s" },
] as const;

/** A length of time for people: its two largest units (`2 d 3 h`, `1 min 5 s`), and below ten seconds with milliseconds (`0.745 s`). */
export function lengthText(ms: number): string {
  if (ms < 10_000) return `${(Math.round(ms) / 1_000).toFixed(3)} s`;
  const largest = units.findIndex((unit) => ms >= unit.ms);
  const [one, next] = units.slice(largest, largest + 2);
  if (one === undefined || next === undefined) return `${Math.round(ms / 1_000)} s`;
  const rest = Math.floor((ms % one.ms) / next.ms);
  return `${Math.floor(ms / one.ms)} ${one.name}${rest === 0 ? "" : ` ${rest} ${next.name}`}`;
}

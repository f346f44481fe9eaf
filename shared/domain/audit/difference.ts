/** One place in a JSON document at which two versions of it differ. Absent: it was not there. */
export interface Difference {
  /** Names joined by dots; members of a list go by their id or name: `groups.default.order`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What a person must read to know what was changed, and no more. Both are JSON: no cycles, nothing undefined that matters. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
  if (sameJson(before, after)) return [];
  const [one, other] = [byName(before), byName(after)];
  if (one === null || other === null || Array.isArray(before) !== Array.isArray(after))
    return [{ path, ...given("before", before), ...given("after", after) }];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const found = names.flatMap((name) => differences(own(one, name), own(other, name), path === "" ? name : `${path}.${name}`));
  // The same members in another order.
  return found.length > 0 ? found : [{ path, ...given("before", Object.keys(one)), ...given("after", Object.keys(other)) }];
}

/** Not what every object inherits: a member may be called `constructor`. */
function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function given(side: "before" | "after", value: unknown): { readonly before?: unknown; readonly after?: unknown } {
  return value === undefined ? {} : { [side]: value };
}

/** An object, or a list of things that have an id or a name, by these; null for anything else. */
function byName(value: unknown): JsonObject | null {
  if (!Array.isArray(value)) return isObject(value) ? value : null;
  const named = value.map((member) => [nameOf(member), member] as const);
  const names = new Set(named.map(([name]) => name));
  return value.length === 0 || names.has(null) || names.size !== value.length ? null : Object.fromEntries(named);
}

function nameOf(member: unknown): string | null {
  if (!isObject(member)) return null;
  const name = member["nodeId"] ?? member["name"];
  return typeof name === "string" ? name : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** By content; the order of an object's members does not count, that of a list's does. */
function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((member, index) => sameJson(member, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
  );
}

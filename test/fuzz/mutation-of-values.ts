import type { SeededRandom } from "../../shared/domain/seeded-random.ts";

const numbers = [0, -0, 1, -1, 0.5, 1e-7, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e21, 1e308, -1e308];
const timesMost = 300;

/** The value with one thing in it changed, at any depth. The value itself stays as it is. */
export function changedValue(value: unknown, random: SeededRandom, words: readonly string[]): unknown {
  if (value instanceof Uint8Array) return changedBlob(value, random);
  if (Array.isArray(value)) return random.chance(0.1) ? another(random, words) : changedList(value, random, words);
  if (typeof value === "object" && value !== null) return random.chance(0.05) ? another(random, words) : changedMap(value, random, words);
  if (random.chance(0.15)) return another(random, words);
  if (typeof value === "number") return random.pick([...numbers, value + 1, value - 1, -value, value / 3]);
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return changedText(value, random, words);
  return another(random, words);
}

function changedList(list: readonly unknown[], random: SeededRandom, words: readonly string[]): readonly unknown[] {
  const at = random.between(0, Math.max(0, list.length - 1));
  if (list.length === 0) return [another(random, words)];
  if (random.chance(0.7)) return list.with(at, changedValue(list[at], random, words));
  const item = list[at];
  switch (random.between(0, 3)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, item);
    case 2:
      return list.toReversed();
    default:
      return [...list, ...Array.from({ length: random.between(1, timesMost) }, () => item)];
  }
}

function changedMap(map: object, random: SeededRandom, words: readonly string[]): object {
  const entries = Object.entries(map);
  const [name, inside] = entries[random.between(0, Math.max(0, entries.length - 1))] ?? ["", undefined];
  if (entries.length > 0 && random.chance(0.75)) return { ...map, [name]: changedValue(inside, random, words) };
  const rest = Object.fromEntries(entries.filter(([other]) => other !== name));
  switch (random.between(0, 3)) {
    case 0:
      return rest;
    case 1:
      return { ...map, [random.pick(words)]: inside };
    case 2:
      return { ...rest, [changedText(name, random, words)]: inside };
    default:
      // As an own property: written as a member it would be the prototype.
      return Object.fromEntries([...entries, ["__proto__", another(random, words)]]);
  }
}

function changedText(text: string, random: SeededRandom, words: readonly string[]): string {
  const at = random.between(0, text.length);
  switch (random.between(0, 6)) {
    case 0:
      return text.slice(0, at) + random.pick(words) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.between(0, random.chance(0.8) ? 0x7f : 0xffff)) + text.slice(at + 1);
    case 3:
      return text.repeat(random.pick([2, 3, 20, timesMost])).slice(0, 20_000);
    case 4:
      return random.pick(words);
    case 5:
      return text.slice(0, at);
    default:
      return text.toUpperCase() === text ? text.toLowerCase() : text.toUpperCase();
  }
}

function changedBlob(blob: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.between(0, blob.length);
  switch (random.between(0, 2)) {
    case 0:
      return blob.slice(0, at);
    case 1:
      return Uint8Array.from([...blob.subarray(0, at), random.between(0, 255), ...blob.subarray(at)]);
    default:
      return Uint8Array.from(blob, (byte, index) => (index === at ? byte ^ (1 << random.between(0, 7)) : byte));
  }
}

function another(random: SeededRandom, words: readonly string[]): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => random.chance(0.5),
    () => random.pick(numbers),
    () => random.pick(words),
    () => [],
    () => ({}),
    () => [random.pick(words)],
    () => ({ [random.pick(words)]: random.pick(numbers) }),
  ])();
}

import type { SeededRandom } from "../../shared/domain/seeded-random.ts";
import type { Form } from "./fuzz-target.ts";
import { changedBytes } from "./mutation-of-bytes.ts";
import { changedValue } from "./mutation-of-values.ts";

/** What inputs are made of: sound ones, the values in them where they have a form, and words. */
export interface Material {
  readonly seeds: readonly Uint8Array[];
  readonly values: readonly unknown[];
  readonly form: Form | undefined;
  readonly words: readonly string[];
}

export function materialOf(seeds: readonly Uint8Array[], form: Form | undefined, words: readonly string[]): Material {
  return { seeds, form, words, values: form === undefined ? [] : seeds.flatMap((seed) => readable(seed, form)) };
}

/** One input more, the same for the same numbers: a sound one with some things in it changed. */
export function nextInput(material: Material, random: SeededRandom): Uint8Array {
  const { seeds, values, form, words } = material;
  if (form === undefined || values.length === 0 || random.chance(0.3)) {
    return changedBytes(random.pick(seeds), { random, seeds, words });
  }
  let value = random.pick(values);
  for (let changes = random.between(1, 3); changes > 0; changes -= 1) value = changedValue(value, random, words);
  const written = writable(value, form) ?? random.pick(seeds);
  return random.chance(0.05) ? changedBytes(written, { random, seeds, words }) : written;
}

/** Undefined for what the form cannot hold. */
function writable(value: unknown, form: Form): Uint8Array | undefined {
  try {
    return form.write(value);
  } catch {
    return undefined;
  }
}

/** What was kept for not being of the form is changed as bytes alone. */
function readable(seed: Uint8Array, form: Form): readonly unknown[] {
  try {
    return [form.read(seed)];
  } catch {
    return [];
  }
}

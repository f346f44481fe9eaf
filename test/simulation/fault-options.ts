import { InvalidArgumentError } from "commander";

/** Reads an option's value: a comma-separated list. */
export function list(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}

/** Reads an option's value: a comma-separated list of these. */
export function listOf<Name extends string>(known: readonly Name[]): (text: string) => readonly Name[] {
  const isKnown = (name: string): name is Name => known.some((one) => one === name);
  return (text) => {
    const names = list(text);
    if (names.every(isKnown)) return names;
    throw new InvalidArgumentError(`Known are: ${known.join(", ")}.`);
  };
}

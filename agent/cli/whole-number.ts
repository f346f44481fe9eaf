import { InvalidArgumentError } from "commander";

/** Reads an option's value: a whole number from 1 to `max`, in decimal digits alone. Not 0: a run of nothing would look well. */
export function wholeNumber(max?: number): (text: string) => number {
  return (text) => {
    const value = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
    if (value <= (max ?? Number.MAX_SAFE_INTEGER)) return value;
    throw new InvalidArgumentError(
      max === undefined ? "It must be a whole number above 0." : `It must be a whole number from 1 to ${max}.`,
    );
  };
}

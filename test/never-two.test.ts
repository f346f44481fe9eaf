import { expect, it } from "vitest";
import { mayBeTriedAgain, neverTwo } from "./never-two.ts";

const messageOf = (expectation: () => void): string => {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was met");
};

it("two that answer are never tried again, and every other failure is", () => {
  expect(messageOf(() => expect(12, neverTwo).toBe(0))).not.toMatch(mayBeTriedAgain);
  expect(messageOf(() => expect(["a and b"], neverTwo).toEqual([]))).not.toMatch(mayBeTriedAgain);
  expect(messageOf(() => expect(700).toBeLessThan(500))).toMatch(mayBeTriedAgain);
  expect(`no answer within 10 s: ${neverTwo}`).toMatch(mayBeTriedAgain);
});

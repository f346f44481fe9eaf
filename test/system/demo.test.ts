import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { runDemo } from "./run-demo.ts";

/** What two runs of the demonstration have in common: everything but the numbers and their units. */
function withoutNumbers(text: string): string[] {
  return text
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/\d+(\.\d+)?/g, "N")
        .replaceAll(/\bN m?s\b/g, "N")
        .replaceAll(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "" && !/receiving-snapshot|waiting-for-database/.test(line));
}

/** First the story, then the cluster's newest events, each of which begins with its time of day. */
function partsOf(text: string): { readonly story: readonly string[]; readonly events: readonly string[] } {
  const lines = withoutNumbers(text);
  return { story: lines.filter((line) => !line.startsWith("N:N:N ")), events: lines.filter((line) => line.startsWith("N:N:N ")) };
}

describe("system: the demonstration", () => {
  it("the sample database: the story is the transcript in the README, but for its numbers", async () => {
    const { stdout } = await runDemo();
    const readme = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");
    const told = partsOf(/<!-- transcript -->\s*```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? "");
    const shown = partsOf(stdout);
    // A machine that stands still for most of a second has moved the service before its time: that is a line more, and other events.
    expect(shown.story.filter((line) => !line.includes("this machine is very busy"))).toEqual(told.story);
    const takeover = told.events.filter((line) => line.includes("took over"));
    expect(takeover).toHaveLength(1);
    expect(shown.events).toEqual(expect.arrayContaining(takeover));
  });
});

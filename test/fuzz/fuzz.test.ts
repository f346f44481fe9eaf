import { describe, expect, it } from "vitest";
import { canaries } from "./canaries.ts";
import { keptTargets } from "./corpus.ts";
import { fuzz } from "./fuzz-run.ts";
import { targets } from "./targets.ts";

const seed = 1;
const threads = 2;
const executions = 1_000_000;

describe("readers of what others have made", () => {
  it(`${executions} inputs that are nearly sound: each is read, or turned down as declared`, async () => {
    const results = await fuzz(targets, { executions, seed, threads });
    expect(
      results.flatMap(({ findings }) =>
        findings.map(({ input, ...finding }) => ({ ...finding, input: input === null ? null : Buffer.from(input).toString("base64") })),
      ),
    ).toEqual([]);
    expect(results.reduce((sum, result) => sum + result.executions, 0)).toBeGreaterThanOrEqual(executions);
    // Of what each is given something must be sound, or it is never tried beyond its first check.
    expect(results.filter(({ accepted }) => accepted === 0)).toEqual([]);
  }, 600_000);

  it("readers with a planted fault are found, each by its own kind", async () => {
    const results = await fuzz(canaries, { executions: 20_000, seed, threads });
    expect(Object.fromEntries(results.map(({ target, findings }) => [target, findings[0]?.kind]))).toEqual({
      "canary-throws": "threw",
      "canary-forgets": "threw",
      "canary-slow": "slow",
      "canary-grows": "grew",
    });
  });

  it("every folder of the corpus is a target's", () => {
    const names = new Set(targets.map(({ name }) => name));
    expect(keptTargets().filter((name) => !names.has(name))).toEqual([]);
  });
});

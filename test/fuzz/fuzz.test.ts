import { beforeAll, describe, expect, it } from "vitest";
import { searched } from "../setup/gate.ts";
import { canaries, canaryExecutions } from "./canaries.ts";
import { keptTargets } from "./corpus.ts";
import { fuzz, type TargetResult } from "./fuzz-run.ts";
import { targets } from "./targets.ts";

const seed = 1;
const threads = 2;
const executions = searched.fuzzedInputs;
const tellingExecutions = 1_500;

describe("readers of what others have made", () => {
  let results: readonly TargetResult[] = [];
  beforeAll(async () => {
    results = await fuzz(targets, { executions, seed, threads });
  }, 600_000);

  it(`${executions} inputs that are nearly sound: each is read, or turned down as declared`, () => {
    const findings = results.flatMap((result) => result.findings);
    expect(findings.map(({ input, ...finding }) => ({ ...finding, input: Buffer.from(input ?? []).toString("base64") }))).toEqual([]);
    // Of what each is given something must be sound, or it is never tried beyond its first check; the gate gives some of them too little to tell.
    expect(results.filter((result) => result.accepted === 0 && result.executions > tellingExecutions)).toEqual([]);
    expect(results.reduce((sum, result) => sum + result.executions, 0)).toBeGreaterThan(0.97 * executions);
  });

  it("readers with a planted fault are found, each by its own kind", async () => {
    const found = await fuzz(canaries, { executions: canaryExecutions, seed, threads });
    expect(Object.fromEntries(found.map(({ target, findings }) => [target, findings[0]?.kind]))).toEqual({
      "canary-throws": "threw",
      "canary-forgets": "threw",
      "canary-slow": "slow",
      "canary-grows": "grew",
    });
  }, 120_000);

  it("every folder of the corpus is a target's", () => {
    const names = new Set(targets.map(({ name }) => name));
    expect(keptTargets().filter((name) => !names.has(name))).toEqual([]);
  });
});

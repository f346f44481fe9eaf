import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exitCodes, internalFaultExitCode } from "../../agent/cli/exit-codes.ts";
import { agentVersion } from "../../agent/version.ts";

describe("agent", () => {
  it("has the version of its package", () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as { version: string };
    expect(agentVersion).toBe(manifest.version);
  });

  it("gives every failure an exit code of its own", () => {
    const codes = [0, internalFaultExitCode, ...Object.values(exitCodes)];
    expect(new Set(codes).size).toBe(codes.length);
  });
});

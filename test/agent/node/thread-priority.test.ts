import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const module = join(import.meta.dirname, "../../../agent/node/thread-priority.ts");
const script = `
  import { readFileSync } from "node:fs";
  import { raiseSessionPriority } from ${JSON.stringify(module)};
  console.log(JSON.stringify({ problem: raiseSessionPriority(), group: readFileSync("/proc/self/autogroup", "utf8").trim() }));
`;
const priorityIn = (file: string): string => /nice (-?\d+)/.exec(file)?.[1] ?? "";
const run = (...before: string[]): { problem: string | null; group: string } => {
  const [program, ...args] = [...before, process.execPath, "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as { problem: string | null; group: string };
};

describe.runIf(process.getuid?.() === 0 && existsSync("/proc/self/autogroup"))("priority of the agent's session", () => {
  it("a session of its own, as under a service manager: raised", () => {
    const { problem, group } = run("setsid", "--wait");
    expect({ problem, nice: priorityIn(group) }).toEqual({ problem: null, nice: "-15" });
  });

  it("a session that is somebody else's, as a shell's: left as it is", () => {
    const before = readFileSync("/proc/self/autogroup", "utf8").trim();
    expect(run()).toEqual({ problem: null, group: before });
  });
});

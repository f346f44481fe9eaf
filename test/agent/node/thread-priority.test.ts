import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const module = JSON.stringify(join(import.meta.dirname, "../../../agent/node/thread-priority.ts"));
const run = (script: string, ...before: string[]): object => {
  const [program, ...args] = [...before, process.execPath, "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as object;
};

describe.runIf(process.getuid?.() === 0)("priority of a thread", () => {
  const script = `
    import { spawnSync } from "node:child_process";
    import { ordinaryPriority, raiseThreadPriority } from ${module};
    const priorityOf = ([program, ...args]) => spawnSync(program, args, { encoding: "utf8" }).stdout.trim().replace(/ +/, " ");
    const shown = ["sh", "-c", "ps -o cls=,ni= -p $$"];
    const { around, prefix } = ordinaryPriority();
    const before = priorityOf(shown);
    const problem = raiseThreadPriority();
    const raised = priorityOf(shown);
    const service = around(() => priorityOf([...prefix, ...shown]));
    console.log(JSON.stringify({ problem, before, raised, service, raisedAgain: priorityOf(shown) }));
  `;

  it("is raised to real time, and that of the services that it starts is what it was", () => {
    const ordinary = { before: "TS 0", service: "TS 0" };
    expect(run(script)).toEqual({ ...ordinary, problem: null, raised: "RR -", raisedAgain: "RR -" });
  });

  it("is left as it is where none may be raised, and the reason is told", () => {
    const ordinary = { before: "TS 0", service: "TS 0", raised: "TS 0", raisedAgain: "TS 0" };
    const told = run(script, "setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice");
    expect(told).toEqual({ ...ordinary, problem: expect.stringContaining("EACCES") as string });
  });
});

describe.runIf(process.getuid?.() === 0 && existsSync("/proc/self/autogroup"))("priority of the agent's session", () => {
  const script = `
    import { readFileSync } from "node:fs";
    import { raiseSessionPriority } from ${module};
    const problem = raiseSessionPriority();
    console.log(JSON.stringify({ problem, nice: /nice (-?\\d+)/.exec(readFileSync("/proc/self/autogroup", "utf8"))?.[1] }));
  `;
  it("a session of its own, as under a service manager: raised", () => {
    expect(run(script, "setsid", "--wait")).toEqual({ problem: null, nice: "-15" });
  });

  it("a session that is somebody else's, as a shell's: left as it is", () => {
    const nice = /nice (-?\d+)/.exec(readFileSync("/proc/self/autogroup", "utf8"))?.[1];
    expect(run(script)).toEqual({ problem: null, nice });
  });
});

import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";
import { agentProgram } from "../agent/processes/agent-program.ts";

function understudy(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [agentProgram, ...argv], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("understudy, called wrongly", () => {
  it.each([
    [["--bogus"], "unknown option '--bogus'", "understudy --help"],
    [["bogus"], "unknown command 'bogus'", "understudy --help"],
    [["agent", "bogus"], "unknown command 'bogus'", "understudy agent --help"],
    [["agent", "status"], "required option '--config <file>' not specified", "understudy agent status --help"],
    [["agent", "run", "--config"], "argument missing", "understudy agent run --help"],
    [["agent", "join", "--token", "t", "--config", "f", "surplus"], "too many arguments", "understudy agent join --help"],
  ])("%j: what is wrong, the help to read, and an exit code that no other failure has", (argv, cause, help) => {
    const { status, stdout, stderr } = understudy(...argv);
    expect(status).toBe(64);
    expect(stdout).toBe("");
    expect(stderr).toContain(cause);
    expect(stderr).toContain(`Next step: see ${help}`);
  });

  it("no command at all: the commands there are, as help that was not asked for", () => {
    const { status, stdout, stderr } = understudy("agent");
    expect(status).toBe(64);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/join .*\n[\s\S]*switchover /);
  });
});

describe("understudy, asked for help", () => {
  it.each([[], ["agent"], ["agent", "join"], ["agent", "run"], ["agent", "status"], ["agent", "switchover"]])("%j --help", (...command) => {
    const { status, stdout, stderr } = understudy(...command, "--help");
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain(`Usage: ${["understudy", ...command].join(" ")}`);
    if (command.length === 2) expect(stdout).toMatch(/--config <file> +\S[\s\S]*64 {2}wrong call/);
  });
});

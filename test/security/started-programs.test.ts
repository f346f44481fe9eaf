import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
/** What runs on a customer's server or as the control plane; what a person runs to deploy it is not. */
const product = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "agent", "functions", "shared"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path));
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Who may start a program, and which: argv from the node's own settings, or a tool of the system by its name. */
const starters: Readonly<Record<string, string>> = {
  "agent/resources/command.ts": "a command of the node's own settings",
  "agent/resources/system-program.ts": "a tool of the system, as its caller names it (below)",
  "agent/resources/address-announcer.ts": "nothing: a type",
  "agent/node/guardian-life.ts": "this runtime, with the guardian's own file",
  "agent/node/thread-priority.ts": "chrt",
  "agent/replication/consistent-copy.ts": "cp",
};

/** Tools by the name that stands first in their argv; no argv begins with anything that came from outside. */
const tools: ReadonlySet<string> = new Set(["ip", "nft", "sync", "chronyc", "timedatectl"]);
/** The only shell: one text without anything in it that could change, since `ip` tells its errors in their order on one pipe only like this. */
const onlyShell = 'openProgram(["sh", "-c", "exec ip -j -force -batch - 2>&1"])';

it("programs are started in the files that are named here, and in no other", () => {
  const found = product.filter((path) => /["'](node:)?child_process["']|process\.binding|node:cluster/.test(text(path)));
  expect(found.toSorted()).toEqual(Object.keys(starters).toSorted());
  expect(text("agent/node/thread-priority.ts")).toMatch(/spawnSync\(chrt, /);
  expect(text("agent/node/guardian-life.ts").match(/spawn\((?!\))[^,]+,/g)).toEqual(["spawn(process.execPath,"]);
  expect(new Set(text("agent/replication/consistent-copy.ts").match(/run\("\w+"/g))).toEqual(new Set(['run("cp"']));
});

it("the system's tools are few, and named where they are called", () => {
  const callers = product.filter(
    (path) => /\b(runProgram|startProgram|openProgram)\(/.test(text(path)) && !path.endsWith("system-program.ts"),
  );
  expect(callers.length).toBeGreaterThan(3);
  const first = callers.flatMap((path) =>
    [...text(path).matchAll(/\b(?:runProgram|startProgram|openProgram)\(\s*\[\s*([^,\]]+)/g)].map(
      ([, name = ""]) => `${path}: ${name.trim()}`,
    ),
  );
  expect(text("agent/resources/ip-session.ts")).toContain(onlyShell);
  expect(product.filter((path) => /["'](\/bin\/)?(ba)?sh["']/.test(text(path)))).toEqual(["agent/resources/ip-session.ts"]);
  const strange = first
    .filter((call) => call !== 'agent/resources/ip-session.ts: "sh"')
    // This runtime, with a program of the agent's own.
    .filter((call) => !/^agent\/preflight\/look-(at-databases|aside)\.ts: process\.execPath$/.test(call))
    .filter((call) => !tools.has(/"(\w+)"$/.exec(call)?.[1] ?? ""));
  expect(strange).toEqual([]);
});

it("no text becomes code: no shell, no eval, no vm, no module by a name that is made up", () => {
  const made =
    /shell:\s*(true|["'])|\bexecSync\(|\bexec\s*\}\s*from "node:child_process"|\beval\(|new Function\(|["'](node:)?vm["']|setTimeout\(\s*["'`]|(?:await|=>|=|return) import\((?!["'])|process\.dlopen|new Worker\((?!new URL\(|programFile\()/;
  expect(product.filter((path) => path.endsWith(".ts") && made.test(text(path)))).toEqual([]);
});

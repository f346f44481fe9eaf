import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandCheck } from "../../../agent/checks/command-check.ts";
import { settingsOf, within } from "./check-settings.ts";

describe("a command check", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-command-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const checkOf = (program: string): CommandCheck =>
    new CommandCheck(settingsOf("command", { command: ["/bin/sh", "-c", program] }), folder);
  const pidIn = (file: string): number => Number(readFileSync(join(folder, file), "utf8"));

  it("ends with 0: well; else its code and its last words", async () => {
    expect(await checkOf("exit 0").look(within())).toBeNull();
    expect(await checkOf("echo one >&2; echo 'disk is full' >&2; exit 3").look(within())).toBe(
      "its command ended with code 3: one | disk is full",
    );
    expect(await checkOf("kill -9 $$").look(within())).toBe("its command was ended by SIGKILL");
  });

  it("runs in its own directory, by argv and without the agent's environment", async () => {
    process.env["CHECK_SECRET"] = "hunter2";
    expect(await checkOf(`pwd > where; test -z "$CHECK_SECRET"`).look(within())).toBeNull();
    delete process.env["CHECK_SECRET"];
    expect(readFileSync(join(folder, "where"), "utf8").trim()).toBe(folder);
    const words = settingsOf("command", { command: ["/bin/sh", "-c", 'test "$1" = "$(printf "a; touch oops")"', "sh", "a; touch oops"] });
    expect(await new CommandCheck(words, folder).look(within())).toBeNull();
    expect(existsSync(join(folder, "oops"))).toBe(false);
  });

  it("a program that is not there", async () => {
    const check = new CommandCheck(settingsOf("command", { command: ["/nowhere/check"] }), folder);
    expect(await check.look(within())).toMatch(/not found|No such file|ENOENT/i);
  });

  it("hangs, and ignores what can be ignored: killed with the signal, and the next look is a new one", async () => {
    const check = checkOf("test -e second && exit 0; trap '' TERM INT; echo $$ > pid; while :; do sleep 1; done");
    expect(await check.look(within(300))).toBe("it had not ended, and was killed");
    await expect.poll(() => isGone(pidIn("pid"))).toBe(true);
    writeFileSync(join(folder, "second"), "");
    await expect.poll(() => check.look(within())).toBeNull();
  });

  it("leaves processes running: they are ended with it", async () => {
    expect(await checkOf("sleep 1000 & echo $! > pid; exit 0").look(within())).toBeNull();
    await expect.poll(() => isGone(pidIn("pid"))).toBe(true);
  });

  it("hangs with processes of its own: all are ended", async () => {
    const check = checkOf("sleep 1000 & echo $! > pid; wait");
    expect(await check.look(within(300))).toBe("it had not ended, and was killed");
    await expect.poll(() => isGone(pidIn("pid"))).toBe(true);
  });
});

/** Neither running nor a zombie that somebody has still to ask for. */
function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return true;
  }
}

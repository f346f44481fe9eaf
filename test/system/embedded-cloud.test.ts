import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "../../functions/embedded/main.ts");
const anyPorts = ["--http-port", "--agent-port", "--mqtt-port", "--sns-port", "--sns-tls-port"].flatMap((option) => [option, "0"]);

let folder: string;
let running: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "us-"));
});
afterEach(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  running = [];
});
afterAll(() => rm(folder, { recursive: true }));

function run(...options: string[]): ChildProcess {
  const child = spawn(process.execPath, [program, "--data-dir", join(folder, "data"), ...options], { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  return child;
}

/** The one line of JSON that says where everything is. */
async function ready(child: ChildProcess): Promise<Record<string, string>> {
  if (child.stdout === null) throw new Error("no standard output");
  for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error("the process ended before it was ready");
}

async function refusal(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  const text = (async () => (await child.stderr?.setEncoding("utf8").toArray())?.join("") ?? "")();
  const [code] = await once(child, "exit");
  return { code, text: await text };
}

async function keyOf(addresses: Record<string, string>): Promise<string> {
  return JSON.parse(await readFile(addresses["firstLogin"] ?? "", "utf8")).apiKey;
}

describe("embedded cloud as a process", () => {
  it("killed with -9 right after an answer: the next start has what was answered, and the same first login", async () => {
    const first = run(...anyPorts, "--json");
    const before = await ready(first);
    const key = await keyOf(before);
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const names = Array.from({ length: 20 }, (_, index) => `Hotel ${index}`);
    const answers = await Promise.all(
      names.map((name) => fetch(`${before["api"]}/v1/customers`, { method: "POST", headers, body: JSON.stringify({ name }) })),
    );
    first.kill("SIGKILL");
    await once(first, "exit");
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));

    const second = run(...anyPorts, "--json");
    const after = await ready(second);
    expect(await keyOf(after)).toBe(key);
    const { customers } = (await (await fetch(`${after["api"]}/v1/customers`, { headers })).json()) as { customers: { name: string }[] };
    expect(new Set(customers.map(({ name }) => name))).toEqual(new Set(names));
    second.kill("SIGTERM");
    expect((await once(second, "exit"))[0]).toBe(0);
  });

  it("a second process on the same data ends with code 1 and what to do; the first goes on", async () => {
    const first = run(...anyPorts, "--json");
    const addresses = await ready(first);
    const { code, text } = await refusal(run(...anyPorts));
    expect(code).toBe(1);
    expect(text).toContain("another process has the data directory");
    expect(text).not.toContain("    at ");
    expect((await fetch(`${addresses["api"]}/v1/openapi.json`)).status).toBe(200);
  });

  it.each(["--http-port", "--agent-port", "--mqtt-port", "--sns-port", "--sns-tls-port"])(
    "%s in use: code 1, the port and the option",
    async (option) => {
      const blocker = createServer().listen(0, "127.0.0.1");
      await once(blocker, "listening");
      const { port } = blocker.address() as { port: number };
      const { code, text } = await refusal(run(...anyPorts, option, String(port)));
      blocker.close();
      expect(code).toBe(1);
      expect(text).toContain(`port ${port}`);
      expect(text).toContain(option);
    },
  );

  it.each([
    [
      "an address of another machine",
      ["--host", "203.0.113.9"],
      "203.0.113.9 is no address of this machine. Give one of its own, or 0.0.0.0, with --host.",
    ],
    ["a URL in place of a host", ["--public-host", "http://x/y"], "without a scheme or a port"],
    ["no mail server's URL", ["--smtp-url", "secret:pass@host"], "the value of --smtp-url is no mail server's URL"],
    ["a network without its length", ["--subscriber-network", "10.0.0.0"], "It must be a network with its prefix length"],
    ["a log file below a file", ["--log-file", join(import.meta.filename, "log")], "Name another file with --log-file"],
    ["a data directory that is a file", ["--data-dir", import.meta.filename], "Give a folder that this user may write as --data-dir"],
  ])("%s: code 1, what to give instead, and no trace", async (_situation, options, words) => {
    const { code, text } = await refusal(run(...anyPorts, ...options));
    expect(code).toBe(1);
    expect(text).toContain(words);
    expect(text).not.toMatch(/^ {4}at |secret/m);
  });

  it("every option is explained in the help", async () => {
    const child = run("--help");
    const text = ((await child.stdout?.setEncoding("utf8").toArray()) ?? []).join("");
    for (const option of [
      "--data-dir",
      "--host",
      "--http-port",
      "--agent-port",
      "--mqtt-port",
      "--sns-port",
      "--sns-tls-port",
      "--smtp-url",
      "--subscriber-network",
      "--json",
    ]) {
      expect(text).toMatch(new RegExp(`${option} ?(<[\\w.]+>)? +\\S`));
    }
  });
});

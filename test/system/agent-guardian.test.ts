import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processesOfDirectory } from "../../agent/resources/marked-processes.ts";
import { monotonicUs } from "../../agent/resources/monotonic.ts";
import { directoryMark } from "../../agent/storage/directory-mark.ts";
import { WitnessLog } from "../agent/processes/witness-log.ts";

const here = join(import.meta.dirname, "../agent/processes");
const node = process.execPath;

interface Notice {
  readonly type: string;
  readonly pid?: number;
  readonly reason?: string;
  readonly services?: readonly string[];
  readonly how?: string;
  readonly deadlineUs?: number;
}

/** A process that owns a guardian, as an agent does, and what it said. */
class Owner {
  readonly process: ChildProcess;
  readonly notices: Notice[] = [];

  constructor(dataDir: string, services: unknown, leaseMs = 600) {
    this.process = spawn(node, [join(here, "guardian-owner.ts"), dataDir, JSON.stringify(services), String(leaseMs)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.process.stdout === null) throw new Error("no standard output");
    createInterface({ input: this.process.stdout }).on("line", (line) => this.notices.push(JSON.parse(line) as Notice));
  }

  async until(type: string, count = 1): Promise<Notice> {
    await eventually(
      () => this.notices.filter((notice) => notice.type === type).length >= count,
      10_000,
      () => `${type} in ${JSON.stringify(this.notices)}`,
    );
    const found = this.notices.filter((notice) => notice.type === type)[count - 1];
    if (found === undefined) throw new Error("unreachable");
    return found;
  }
}

async function eventually(condition: () => boolean | Promise<boolean>, withinMs: number, what: () => string): Promise<number> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what()}`);
    await sleep(10);
  }
  return performance.now() - startedMs;
}

describe("guardian", () => {
  let dataDir = "";
  let mark = "";
  let port = 0;
  let owner: Owner | undefined;

  const sample = (manner = "") => ({ start: [node, join(here, "sample-service.ts"), String(port), "sample", manner] });
  const daemon = () => {
    const daemonise = `const {spawn} = require("node:child_process");
      spawn(process.execPath, [${JSON.stringify(join(here, "sample-service.ts"))}, "${port}", "sample"], {detached: true, stdio: "ignore"}).unref();`;
    const health = [node, "-e", `fetch("http://127.0.0.1:${port}").catch(() => process.exit(1))`];
    return { start: [node, "-e", daemonise], health };
  };
  const answers = async (): Promise<boolean> => {
    try {
      return (await (await fetch(`http://127.0.0.1:${port}`)).text()) === "sample";
    } catch {
      return false;
    }
  };
  const isGone = (): boolean => processesOfDirectory(mark).length === 0;
  const gone = (withinMs: number): Promise<number> =>
    eventually(isGone, withinMs, () => `processes ${processesOfDirectory(mark).join(", ")}`);

  /** Runs a service that ends by SIGKILL alone; what it writes tells when that was. */
  const stubbornService = async (): Promise<{ running: Owner; witness: WitnessLog }> => {
    const witness = new WitnessLog(join(dataDir, "witness.log"));
    const start = [node, join(here, "witnessed-service.ts"), String(port), "sample", witness.path];
    const running = new Owner(dataDir, { sample: { start, environment: { STUBBORN: "1" } } });
    owner = running;
    await running.until("started");
    await eventually(answers, 5_000, () => "no answer");
    return { running, witness };
  };

  beforeEach(async () => {
    dataDir = realpathSync(mkdtempSync(join(tmpdir(), "understudy-guardian-")));
    mark = await directoryMark(dataDir);
    port = await freePort();
  });

  afterEach(async () => {
    owner?.process.kill("SIGKILL");
    await gone(5_000);
    // The guardian may write its record for the last time.
    rmSync(dataDir, { recursive: true, maxRetries: 10, retryDelay: 50 });
  });

  it("the agent is killed with -9: its service is gone in less than a second", async () => {
    owner = new Owner(dataDir, { sample: sample() });
    await owner.until("started");
    expect(await eventually(answers, 5_000, () => "no answer")).toBeLessThan(5_000);
    owner.process.kill("SIGKILL");
    expect(await gone(1_000)).toBeLessThan(1_000);
  });

  it("the agent is frozen: its guardian takes the service down before the lease ends", async () => {
    const { running, witness } = await stubbornService();
    const frozenMs = monotonicUs() / 1_000;
    running.process.kill("SIGSTOP");
    await gone(5_000);
    expect(witness.lastMs() - frozenMs).toBeLessThan(600);
    running.process.kill("SIGCONT");
    expect((await running.until("fenced")).reason).toMatch(/did not renew its lease/);
  });

  it.runIf(process.getuid?.() === 0)(
    "the guardian goes first on a busy machine, and its services have the agent's own priority",
    async () => {
      owner = new Owner(dataDir, { sample: sample() });
      const { pid: guardian = 0 } = await owner.until("connected");
      const { pid: service = 0 } = await owner.until("spawned");
      await owner.until("started");
      expect({ guardian: getPriority(guardian), service: getPriority(service) }).toEqual({ guardian: -15, service: getPriority(0) });
      const sessions = { guardian: niceOfSession(guardian), service: niceOfSession(service) };
      expect(sessions).toEqual(existsSync("/proc/self/autogroup") ? { guardian: -15, service: 0 } : { guardian: null, service: null });
    },
  );

  it("the guardian is killed with -9: the agent ends its service, starts a new guardian and says so", async () => {
    owner = new Owner(dataDir, { sample: sample() });
    const first = await owner.until("connected");
    await owner.until("started");
    process.kill(first.pid ?? 0, "SIGKILL");
    // By then nothing of the service is left: the kernel or the sweep has ended it.
    expect(await owner.until("swept")).toMatchObject({ how: "was ended by SIGKILL" });
    const second = await owner.until("connected", 2);
    expect(second.pid).not.toBe(first.pid);
    await owner.until("started", 2);
  });

  it("both are killed with -9: the service dies with its guardian, and the next agent finds nothing to end", async () => {
    owner = new Owner(dataDir, { sample: sample() });
    const { pid = 0 } = await owner.until("connected");
    await owner.until("started");
    process.kill(pid, "SIGSTOP");
    owner.process.kill("SIGKILL");
    process.kill(pid, "SIGKILL");
    await gone(1_000);
    owner = new Owner(dataDir, { sample: sample() });
    expect(await owner.until("left-behind")).toMatchObject({ resources: [] });
    await owner.until("started");
  });

  it("both are killed with -9 while a daemon runs: the next agent ends it first, and names it", async () => {
    owner = new Owner(dataDir, { sample: daemon() });
    const { pid = 0 } = await owner.until("connected");
    await owner.until("started");
    process.kill(pid, "SIGSTOP");
    owner.process.kill("SIGKILL");
    process.kill(pid, "SIGKILL");
    expect(await answers()).toBe(true);
    owner = new Owner(dataDir, { sample: daemon() });
    expect(await owner.until("left-behind")).toMatchObject({ resources: [{ kind: "service", name: "sample" }] });
    await owner.until("started");
  });

  it("a daemon that left its parent and its process group behind is found by its mark and ended", async () => {
    owner = new Owner(dataDir, { sample: daemon() });
    await owner.until("started");
    expect(await answers()).toBe(true);
    owner.process.kill("SIGKILL");
    expect(await gone(1_000)).toBeLessThan(1_000);
  });

  it("a service that ignores SIGTERM is killed before the deadline of the order to stop", async () => {
    const { running, witness } = await stubbornService();
    running.process.stdin?.write("stop 400\n");
    const { deadlineUs = 0 } = await running.until("stop-ordered");
    await running.until("stopped");
    expect(isGone()).toBe(true);
    expect(witness.lastMs()).toBeLessThan(deadlineUs / 1_000);
  });

  it("a service that cannot start: the reason has its exit code and last words", async () => {
    // Without a health command a process that takes long to fail would count as started first.
    owner = new Owner(dataDir, { sample: { ...sample("broken"), health: [node, "-e", "process.exit(1)"] } });
    expect((await owner.until("start-failed")).reason).toBe("its start command ended with code 7: cannot open the licence file");
    expect(isGone()).toBe(true);
  });

  it("a service that is not well in time: the reason says what its health command said", async () => {
    const health = [node, "-e", "console.error('no trunk'); process.exit(3)"];
    owner = new Owner(dataDir, { sample: { ...sample(), health, startTimeoutMs: 500 } });
    expect((await owner.until("start-failed")).reason).toBe(
      "it was not well 500 ms after its start: its health command ended with code 3: no trunk",
    );
    await gone(1_000);
  });

  it("a service that dies is reported at once", async () => {
    owner = new Owner(dataDir, { sample: sample() });
    const { pid = 0 } = await owner.until("spawned");
    await owner.until("started");
    process.kill(pid, "SIGKILL");
    expect((await owner.until("resource-failed")).reason).toBe("it was ended by SIGKILL");
  });
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Null where Linux does not share the processor out by session. */
function niceOfSession(pid: number): number | null {
  const file = `/proc/${pid}/autogroup`;
  return existsSync(file) ? Number(/nice (-?\d+)/.exec(readFileSync(file, "utf8"))?.[1]) : null;
}

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import type { GuardedResource } from "../../../agent/resources/resource.ts";
import type { AddressLook } from "../../../shared/domain/monitoring/takeover-course.ts";
import { patience } from "../../setup/patience.ts";
import type { AddressLan } from "./address-lan.ts";

/** Longer than the product's usual one: what is tried is the lease's end, and a machine that is short of processors must come to its beginning. */
export const leaseMs = 1_500;

export interface Notice {
  readonly type: string;
  /** When the test heard it, on the machine's monotonic clock. */
  readonly atMs: number;
  readonly pid?: number;
  readonly reason?: string;
  readonly untilUs?: number;
  readonly resource?: GuardedResource;
  readonly resources?: readonly { readonly kind: string; readonly name: string }[];
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly look?: AddressLook;
}

/** A host's agent and guardian (guardian-owner.ts), with a lease that is its own to hold or to lose. */
export class AddressHolder {
  readonly notices: Notice[] = [];
  readonly dataDir: string;
  readonly #lan: AddressLan;
  readonly #host: string;
  #process: ChildProcess | null = null;

  constructor(lan: AddressLan, host: string) {
    this.#lan = lan;
    this.#host = host;
    this.dataDir = realpathSync(mkdtempSync(join(tmpdir(), "understudy-address-")));
  }

  /** Resolves when its guardian waits for orders. `hiding`: a program that this agent shall not find. */
  async start(addresses: readonly string[], { hiding }: { hiding?: string } = {}): Promise<void> {
    const owner = new URL("./guardian-owner.ts", import.meta.url).pathname;
    const resources = addresses.map((address, index) => ({ kind: "address", name: `front-${index}`, address }));
    this.notices.length = 0;
    const argv = [process.execPath, owner, this.dataDir, "{}", String(leaseMs), JSON.stringify(resources), "wait"];
    // Each host has mounts of its own: what is hidden is hidden from this agent alone.
    const hide = hiding === undefined ? [] : ["sh", "-c", `mount --bind /dev/null ${hiding} && exec "$@"`, "sh"];
    this.#process = this.#lan.start(this.#host, ...hide, ...argv);
    if (this.#process.stdout === null) throw new Error("no standard output");
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      this.notices.push({ ...(JSON.parse(line) as Notice), atMs: monotonicUs() / 1_000 });
    });
    await this.until("connected");
  }

  order(text: string): void {
    this.#process?.stdin?.write(`${text}\n`);
  }

  async until(type: string, withinMs = 10_000): Promise<Notice> {
    const untilMs = performance.now() + withinMs * patience;
    for (;;) {
      const found = this.notices.find((notice) => notice.type === type);
      if (found !== undefined) return found;
      if (performance.now() > untilMs) throw new Error(`no ${type} within ${withinMs * patience} ms in ${JSON.stringify(this.notices)}`);
      await sleep(5);
    }
  }

  /** To every process of the agent, itself, its guardian, and the system's tools that the guardian has running; or to all but itself. */
  signal(signal: NodeJS.Signals, to: "all" | "guardian" = "all"): void {
    const guardianPid = this.notices.find(({ type }) => type === "connected")?.pid;
    if (guardianPid === undefined) throw new Error("there is no guardian");
    // The guardian leads a process group of its own. First the agent's process, so that nothing tidies up after the other.
    if (to === "all") this.#process?.kill(signal);
    process.kill(-guardianPid, signal);
  }

  async close(): Promise<void> {
    this.#process?.kill("SIGKILL");
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

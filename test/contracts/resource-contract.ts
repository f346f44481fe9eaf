import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ResourceTrace, StartOutcome } from "../../agent/resources/resource.ts";
import { patience } from "../setup/patience.ts";

export interface ResourceUnderTest {
  /** Starts `resource-process.ts` with one that can run, or with one that cannot. */
  readonly launch: (manner: "sound" | "broken") => ChildProcess;
  /** Whether anything of it is to be seen on the machine, looked at from outside. */
  readonly isThere: () => boolean;
  readonly kind: ResourceTrace["kind"];
}

interface Said {
  readonly start?: StartOutcome;
  readonly stop?: ResourceTrace;
}

const patienceMs = 10_000 * patience;

/** What the guardian relies on, whatever it runs (agent/resources/resource.ts). */
export function resourceContract(name: string, make: () => ResourceUnderTest): void {
  describe(`resource: ${name}`, () => {
    let child: ChildProcess | null = null;
    let said: Said[] = [];

    const launch = (manner: "sound" | "broken"): ResourceUnderTest => {
      const under = make();
      child = under.launch(manner);
      said = [];
      if (child.stdout === null) throw new Error("no standard output");
      createInterface({ input: child.stdout }).on("line", (line) => said.push(JSON.parse(line) as Said));
      order("hold 60000");
      return under;
    };
    const order = (text: string): void => void child?.stdin?.write(`${text}\n`);
    const until = async (what: keyof Said, count = 1): Promise<Said> => {
      const untilMs = performance.now() + patienceMs;
      for (;;) {
        const found = said.filter((one) => one[what] !== undefined)[count - 1];
        if (found !== undefined) return found;
        if (performance.now() > untilMs) throw new Error(`no ${what} in ${JSON.stringify(said)}`);
        await sleep(10);
      }
    };

    afterEach(() => child?.kill("SIGKILL"));

    it("starts, and a stop leaves nothing of it", async () => {
      const under = launch("sound");
      order("start");
      expect(await until("start")).toEqual({ start: { started: true } });
      expect(under.isThere()).toBe(true);
      order("stop 5000");
      expect((await until("stop")).stop?.kind).toBe(under.kind);
      expect(under.isThere()).toBe(false);
    });

    it("stopped before it was started: nothing to wait for", async () => {
      const under = launch("sound");
      order("stop 5000");
      await until("stop");
      expect(under.isThere()).toBe(false);
    });

    it("stopped while it starts: the start is refused, and nothing is left", async () => {
      const under = launch("sound");
      order("start");
      order("stop 5000");
      expect(await until("start")).toMatchObject({ start: { started: false } });
      await until("stop");
      expect(under.isThere()).toBe(false);
    });

    it("stopped twice, the second time in a hurry: both are answered", async () => {
      const under = launch("sound");
      order("start");
      await until("start");
      order("stop 5000");
      order("stop 100");
      await until("stop", 2);
      expect(under.isThere()).toBe(false);
    });

    it("one that cannot run says why, and leaves nothing behind its stop", async () => {
      const under = launch("broken");
      order("start");
      expect(await until("start")).toMatchObject({ start: { started: false, reason: expect.stringMatching(/\w+ \w+/) as string } });
      order("stop 5000");
      await until("stop");
      expect(under.isThere()).toBe(false);
    });
  });
}

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

const busyLoop = "for (;;);";

export const processorStarved: Scenario = {
  name: "processor-starved",
  about: "Twice as many busy loops as the machine has processors, at the services' own priority; nothing moves.",
  strike: (_site, { holder }) => {
    // In the holder's namespace, so that they end with the lab in any case.
    const [command = "", ...entry] = holder.namespace.entry;
    const argv = [...entry, process.execPath, "-e", busyLoop];
    const loops = Array.from({ length: 2 * availableParallelism() }, () => spawn(command, argv, { stdio: "ignore", detached: true }));
    return Promise.resolve(() => {
      for (const loop of loops) loop.kill("SIGKILL");
      return Promise.resolve();
    });
  },
  watchedMs: 10_000,
  expects: stays(),
};

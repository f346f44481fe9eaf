import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { mayBeTriedAgain } from "./never-two.ts";
import { agentBundleFolder } from "./setup/agent-bundle.ts";
import { isGate, leftOutOfGate } from "./setup/gate.ts";
import { patience } from "./setup/patience.ts";

const root = resolve(import.meta.dirname, "..");
const leftOut = isGate ? leftOutOfGate : { unit: [], simulation: [], system: [] };

export default defineConfig({
  test: {
    root,
    reporters: ["default", resolve(import.meta.dirname, "setup/closing-line-reporter.ts")],
    projects: [
      {
        // Pure code and single components; many files at once.
        test: {
          name: "unit",
          root,
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "test/browser/**", "test/simulation/**", "test/fuzz/**", ...leftOut.unit],
          testTimeout: 20_000 * patience,
          // Some begin with a whole control plane, which a busy machine starts slowly.
          hookTimeout: 60_000 * patience,
          // All processors: one is left free by default, which is half of a small machine.
          maxWorkers: "100%",
          // Loading the modules anew for each file took a third of the time. So no test leaves anything behind in a module, nor in the process.
          isolate: false,
          // Many of them have real sockets and disks, and wait for seconds: as with the systems' below, once.
          retry: { count: 1, delay: 5_000, condition: mayBeTriedAgain },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "simulation",
          root,
          include: ["test/simulation/**/*.test.ts", "test/fuzz/**/*.test.ts"],
          exclude: [...leftOut.simulation],
          // A million inputs on a machine that others share.
          testTimeout: 900_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Whole processes against each other, timings included: one file at a time, with nothing beside it.
        test: {
          name: "system",
          root,
          include: ["test/system/**/*.test.ts", "test/browser/**/*.test.ts"],
          exclude: [...leftOut.system],
          fileParallelism: false,
          // They share the machine's cores with whatever else runs there. A failed one is tried up to twice more, and named as unsteady in the last lines;
          // but what is unsafe once is unsafe. Who has taken the processors away has them for a while: the next try waits (setup/calm.ts).
          retry: { count: 2, delay: 10_000, condition: mayBeTriedAgain },
          testTimeout: 180_000 * patience,
          hookTimeout: 120_000 * patience,
          sequence: { groupOrder: 3 },
          // Hundreds of processes start there, and most of a start is reading and compiling the same sources again.
          globalSetup: resolve(import.meta.dirname, "setup/agent-bundle.ts"),
          setupFiles: resolve(import.meta.dirname, "setup/calm.ts"),
          env: {
            NODE_COMPILE_CACHE: resolve(root, "node_modules/.cache/node-compile"),
            AGENT_UNDER_TEST: resolve(root, agentBundleFolder, "main.mjs"),
          },
        },
      },
    ],
  },
});

import type { Reporter, TestModule } from "vitest/node";
import { mayBeTriedAgain } from "../never-two.ts";
import { isGate } from "./gate.ts";

/** Ends every run with one plain line that a machine can read: `N passed, N failed`, and the skipped ones where there are any: in the gate they have failed. Before it, the tests that passed only when tried again, and those that must not. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    const unsteady: string[] = [];
    const unsafe: string[] = [];
    for (const module of modules) {
      // A module that could not even be collected has no tests to count, but it has failed.
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        // Another failure of the same try, in a hook, may have hidden it from the rule of what is tried again.
        const wasUnsafe = state === "passed" && errors.some(({ message }) => !mayBeTriedAgain.test(message));
        if (wasUnsafe) unsafe.push(test.fullName);
        if (wasUnsafe) failed += 1;
        else if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
        else skipped.push(test.fullName);
        if (test.diagnostic()?.flaky === true) unsteady.push(test.fullName);
      }
    }
    for (const name of unsteady) console.log(`unsteady, passed when tried again: ${name}`);
    for (const name of unsafe) console.log(`unsafe at its first try, so it has failed: ${name}`);
    // The gate wants every test run: there one that is skipped has failed.
    if (isGate) for (const name of skipped) console.log(`skipped, which is a failure in the gate: ${name}`);
    if (isGate) failed += skipped.length;
    console.log(`\n${passed} passed, ${failed} failed${isGate || skipped.length === 0 ? "" : `, ${skipped.length} skipped`}`);
    if (failed > 0) process.exitCode = 1;
  }
}

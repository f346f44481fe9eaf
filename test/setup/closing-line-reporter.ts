import type { Reporter, TestModule } from "vitest/node";
import { mayBeTriedAgain } from "../never-two.ts";

/** Ends every run with one plain line that a machine can read: `N passed, N failed`, and the skipped ones where there are any. Before it, the tests that passed only when tried again, and those that must not. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
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
        else skipped += 1;
        if (test.diagnostic()?.flaky === true) unsteady.push(test.fullName);
      }
    }
    for (const name of unsteady) console.log(`unsteady, passed when tried again: ${name}`);
    for (const name of unsafe) console.log(`unsafe at its first try, so it has failed: ${name}`);
    console.log(`\n${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
    // The gate wants every test run: there a skip is a failure.
    if ((process.env["CI"] !== undefined && skipped > 0) || unsafe.length > 0) process.exitCode = 1;
  }
}

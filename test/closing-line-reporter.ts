import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line, `N passed, N failed, N skipped`, that any CI log reader can find. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const before = counts.passed + counts.failed + counts.skipped;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
      // A file that could not be collected has no tests of its own and must still count as a failure.
      const hasNoTests = counts.passed + counts.failed + counts.skipped === before;
      if (hasNoTests && module.state() === 'failed') counts.failed += 1;
    }
    console.log(
      `\n${counts.passed} passed, ${counts.failed} failed` +
        (counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''),
    );
  }
}

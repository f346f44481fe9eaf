/*
 * Preloaded into a process (`--import`) whose wall clock shall be wrong by WRONG_CLOCK_MS milliseconds, whatever the machine's
 * clock says. The monotonic clock goes on as it is.
 */
const offMs = Number(process.env["WRONG_CLOCK_MS"]);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [RightDate.now() + offMs] : given) as []));
  }

  static override now(): number {
    return RightDate.now() + offMs;
  }
} as DateConstructor;

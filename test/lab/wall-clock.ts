import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How often the library looks at its file, and a little more. */
const takenInWithinMs = 2_500;

/** The wall clock that one machine's processes see: the true one, or one that is so much ahead of it (libfaketime). Their monotonic clock stays true. */
export class WallClock {
  readonly #file: string;
  #isOwn = false;

  constructor(file: string) {
    this.#file = file;
  }

  get isOwn(): boolean {
    return this.#isOwn;
  }

  /** Whatever is started from now on sees a clock of its own, which is right at first. */
  use(): void {
    this.#isOwn = true;
    this.#write(0);
  }

  /** For a process that shall see it. */
  get environment(): Readonly<Record<string, string>> {
    if (!this.#isOwn) return {};
    return {
      // The dynamic linker fills in where this machine keeps its libraries.
      LD_PRELOAD: "/usr/$LIB/faketime/libfaketimeMT.so.1",
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** So many seconds ahead of the true time from now on; resolves when everybody on the machine has seen it. */
  async step(aheadSeconds: number): Promise<void> {
    this.#write(aheadSeconds);
    await sleep(takenInWithinMs);
  }

  #write(aheadSeconds: number): void {
    writeFileSync(this.#file, `${aheadSeconds < 0 ? "" : "+"}${aheadSeconds}\n`);
  }
}

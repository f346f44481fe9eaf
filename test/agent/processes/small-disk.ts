import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of a few hundred KiB in place of a directory, with what was in it; only root may do that. */
export class SmallDisk {
  readonly #path: string;
  readonly #ballast: string;

  private constructor(path: string) {
    this.#path = path;
    this.#ballast = join(path, "ballast");
  }

  static at(path: string): SmallDisk {
    const aside = mkdtempSync(join(tmpdir(), "understudy-aside-"));
    cpSync(path, aside, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=700", "understudy-test", path]);
    cpSync(aside, path, { recursive: true });
    rmSync(aside, { recursive: true });
    return new SmallDisk(path);
  }

  /** To the last byte. */
  fill(): void {
    for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      try {
        for (;;) writeFileSync(this.#ballast, Buffer.alloc(bytes), { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  }

  free(): void {
    rmSync(this.#ballast);
  }

  unmount(): void {
    execFileSync("umount", ["--lazy", this.#path]);
  }
}

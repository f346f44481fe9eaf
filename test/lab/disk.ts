import { closeSync, cpSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "../../agent/agent-error.ts";
import { runCommand } from "./run-command.ts";

/** More than an agent without data sets ever writes, and enough for the look at a server before it joins. */
const sizeBytes = 192 * 1_024 * 1_024;

/**
 * A disk of one machine's own: an ext4 file system in a file. It can be full, and it can hang as one does that no longer answers its
 * controller (whoever writes to it or syncs it waits in the kernel, and no signal ends that), with no harm to anybody else.
 */
export class Disk {
  readonly #mountPoint: string;

  private constructor(mountPoint: string) {
    this.#mountPoint = mountPoint;
  }

  static async create(image: string, mountPoint: string): Promise<Disk> {
    mkdirSync(mountPoint, { recursive: true });
    await runCommand(["mkfs.ext4", "-q", "-m", "0", image, `${sizeBytes / 1_024}k`]);
    await runCommand(["mount", "-o", "loop,nodev,nosuid", image, mountPoint]);
    rmdirSync(join(mountPoint, "lost+found"));
    return new Disk(mountPoint);
  }

  get #snapshot(): string {
    return `${this.#mountPoint}-snapshot`;
  }

  get #filler(): string {
    return join(this.#mountPoint, "filler");
  }

  /** Not one byte more can be written to it. */
  fill(): void {
    const file = openSync(this.#filler, "w");
    try {
      for (const blockBytes of [1_024 * 1_024, 4_096]) fillUp(file, Buffer.alloc(blockBytes));
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#filler);
  }

  /** As a backup of the machine would keep it, taken while it runs. */
  takeSnapshot(): void {
    cpSync(this.#mountPoint, this.#snapshot, { recursive: true, filter: isKept });
  }

  /** Everything on it is as in its snapshot, or in that of another machine's disk. Only while nothing runs on it. */
  putBack(of: Disk = this): void {
    for (const entry of readdirSync(this.#mountPoint)) rmSync(join(this.#mountPoint, entry), { recursive: true });
    cpSync(of.#snapshot, this.#mountPoint, { recursive: true });
  }

  async hang(): Promise<void> {
    await runCommand(["fsfreeze", "--freeze", this.#mountPoint]);
  }

  async answerAgain(): Promise<void> {
    await thaw(this.#mountPoint);
  }
}

/** Lets go of every disk that is mounted below a folder: whoever waits for one that hangs can be ended then. */
export async function thawDisksBelow(folder: string): Promise<void> {
  // Only one that hangs can be thawed, and there is no asking which does.
  for (const mountPoint of mountPointsBelow(folder)) await thaw(mountPoint).catch(() => {});
}

/** Once nothing runs on them any more. */
export async function unmountDisksBelow(folder: string): Promise<void> {
  for (const mountPoint of mountPointsBelow(folder)) await runCommand(["umount", mountPoint]);
}

/** A socket is made anew by whoever listens. */
function isKept(path: string): boolean {
  return !lstatSync(path).isSocket();
}

async function thaw(mountPoint: string): Promise<void> {
  await runCommand(["fsfreeze", "--unfreeze", mountPoint]);
}

function mountPointsBelow(folder: string): string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return mounts.flatMap((line) => line.split(" ")[1] ?? []).filter((mountPoint) => mountPoint.startsWith(`${folder}/`));
}

function fillUp(file: number, block: Buffer): void {
  try {
    // A block that fits only in part is written in part, and the next one not at all.
    for (;;) writeSync(file, block);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOSPC") throw error;
  }
}

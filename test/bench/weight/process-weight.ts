import { readFileSync } from "node:fs";
import { processTree } from "../../demo/child-process.ts";

/** What some processes take, all together. */
export interface Weight {
  /** Of processors, since each of them began. */
  readonly processorMs: number;
  /** Resident, what they share counted once: each page by its part for everybody who has it (the kernel's Pss). */
  readonly memoryMiB: number;
  readonly processes: number;
}

/** Linux tells processor time in hundredths of a second (USER_HZ), whatever its own clock. */
const msPerTick = 10;

/** Of a process and of all that it has started. What ends while it is looked at counts as nothing. */
export function weightOf(rootPids: readonly number[]): Weight {
  const told = rootPids.flatMap((pid) => processTree(pid)).flatMap((pid) => weightOfOne(pid) ?? []);
  return {
    processorMs: told.reduce((sum, { processorMs }) => sum + processorMs, 0),
    memoryMiB: told.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    processes: told.length,
  };
}

function weightOfOne(pid: number): Omit<Weight, "processes"> | undefined {
  try {
    return {
      processorMs: processorTicks(readFileSync(`/proc/${pid}/stat`, "utf8")) * msPerTick,
      memoryMiB: proportionalKiB(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) / 1_024,
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** Its own threads' time in user and in kernel mode, and that of its children that have ended; the name in parentheses may hold anything. */
export function processorTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

export function proportionalKiB(rollup: string): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(rollup);
  if (found?.[1] === undefined) throw new Error("the kernel does not tell the proportional size of a process (smaps_rollup)");
  return Number(found[1]);
}

import { type ProgramResult, runProgram } from "./system-program.ts";

const programMs = 2_000;

/** Runs `ip -j` with these arguments to its end. Never rejects; one that takes longer than two seconds is killed. */
export type RunIp = (args: readonly string[]) => Promise<ProgramResult>;

/** By a process for this one command. */
export const runIp: RunIp = (args) => runProgram(["ip", "-j", ...args], programMs);

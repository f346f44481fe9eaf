import { exitCodes, internalFaultExitCode, wrongCallExitCode } from "./exit-codes.ts";

/** For the end of a command's help: what its exit codes mean. */
export function exitCodeHelp(): string {
  const rows: readonly (readonly [number, string])[] = [
    [0, "success"],
    [internalFaultExitCode, "fault of the agent itself"],
    [wrongCallExitCode, "wrong call"],
    ...Object.entries(exitCodes).map(([code, number]) => [number, code.replaceAll("-", " ")] as const),
  ];
  const lines = rows.toSorted(([one], [other]) => one - other).map(([number, meaning]) => `  ${String(number).padStart(2)}  ${meaning}`);
  return `\nExit codes:\n${lines.join("\n")}`;
}

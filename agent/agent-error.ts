/** Why a command of the agent ends without success; each has its exit code (cli/exit-codes.ts). */
export type AgentErrorCode =
  | "bad-settings"
  | "bad-token"
  | "not-enrolled"
  | "enrolled-elsewhere"
  | "refused-by-cloud"
  | "cloud-unreachable"
  | "cloud-not-trusted"
  | "clock-wrong"
  | "port-unavailable"
  | "already-running"
  | "data-dir-unusable"
  | "not-running"
  | "switchover-failed"
  | "readmit-failed"
  | "maintenance-failed"
  | "takeover-failed"
  | "nothing-balanced"
  | "nothing-delegated"
  | "delegation-wrong"
  | "detach-refused"
  | "conflict-refused"
  | "barrier-failed"
  | "data-refused"
  | "record-refused"
  | "data-drifted"
  | "files-failed"
  | "licence-refused"
  | "drill-failed"
  | "trigger-failed"
  | "clock-refused"
  | "document-refused"
  | "certificate-failed"
  | "preflight-failed"
  | "approval-refused"
  | "fenced";

/** A failure that a person can mend: `message` names the cause, `nextStep` what to do about it. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  readonly nextStep: string;

  constructor(code: AgentErrorCode, message: string, nextStep: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** What an unknown thrown value says, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a failed system call (`ENOENT`, `EADDRINUSE`, ...), else undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

import type { AgentErrorCode } from "../agent-error.ts";

/** Exit code of each failure; 0 is success, 1 a fault of the agent itself, 64 a wrong call. Scripts may rely on them: they never change meaning. */
export const exitCodes: Readonly<Record<AgentErrorCode, number>> = {
  "bad-settings": 2,
  "not-enrolled": 3,
  "refused-by-cloud": 4,
  "cloud-unreachable": 5,
  "port-unavailable": 6,
  "already-running": 7,
  "data-dir-unusable": 8,
  "not-running": 9,
  fenced: 10,
  "clock-wrong": 11,
  "bad-token": 12,
  "enrolled-elsewhere": 13,
  "switchover-failed": 14,
  "cloud-not-trusted": 15,
  "nothing-balanced": 16,
  "readmit-failed": 17,
  "maintenance-failed": 18,
  "takeover-failed": 19,
  "detach-refused": 20,
  "conflict-refused": 21,
  "barrier-failed": 22,
  "data-refused": 23,
  "record-refused": 24,
  "files-failed": 25,
  "data-drifted": 26,
  "licence-refused": 27,
  "nothing-delegated": 28,
  "delegation-wrong": 29,
  "drill-failed": 30,
  "clock-refused": 31,
  "trigger-failed": 32,
  "document-refused": 33,
  "certificate-failed": 34,
  "preflight-failed": 35,
  "approval-refused": 36,
};

export const internalFaultExitCode = 1;

/** The command line itself is wrong, and nothing was done. The number is that of sysexits' EX_USAGE. */
export const wrongCallExitCode = 64;

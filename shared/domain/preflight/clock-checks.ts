import type { Judgement, PreflightCheck } from "./preflight-check.ts";
import type { ControlPlaneFact } from "./preflight-facts.ts";
import { preflightThresholds } from "./preflight-thresholds.ts";

const { clockWarnMs, clockFailMs } = preflightThresholds;

/** Failover needs no right clock; what two nodes write apart, certificates and licences do. */
export const clockChecks: readonly PreflightCheck[] = [
  {
    id: "clock",
    looksAt: "this server's clock against the control plane's, which tells whole seconds: what is certain of the difference counts",
    warns: `more than ${clockWarnMs / 1_000} s apart`,
    fails: `more than ${clockFailMs / 1_000} s apart, or so wrong that the control plane's certificate looks invalid`,
    nextStep: "Set this server's clock: timedatectl set-ntp true, or chronyc makestep where chrony runs.",
    judge: ({ controlPlane }) => (controlPlane === null ? [{ outcome: "ok", seen: "not compared" }] : judgeClock(controlPlane)),
  },
  {
    id: "time-source",
    looksAt: "what keeps the clock right: systemd-timesyncd, chrony, or whatever systemd's timedatectl knows",
    warns: "nothing does, or it is not synchronised",
    fails: null,
    nextStep: "Install chrony or turn on systemd-timesyncd (timedatectl set-ntp true), with the same time servers on every node.",
    judge: ({ timeSource }) => {
      if ("problem" in timeSource) return [{ outcome: "warn", seen: timeSource.problem }];
      const { program, isSynchronised, detail } = timeSource.value;
      const said = detail === "" ? "" : `, ${detail}`;
      return [
        { outcome: isSynchronised ? "ok" : "warn", seen: `${program}: ${isSynchronised ? "synchronised" : "not synchronised"}${said}` },
      ];
    },
  },
];

function judgeClock({ origin, answer }: ControlPlaneFact): readonly Judgement[] {
  switch (answer.kind) {
    case "clock-wrong":
      return [{ outcome: "fail", seen: answer.problem }];
    case "unreachable":
    case "untrusted":
      return [{ outcome: "ok", seen: "not compared: the control plane did not answer" }];
    case "answered": {
      const apartMs = Math.abs(answer.clockAheadMs);
      if (apartMs === 0) return [{ outcome: "ok", seen: `agrees with ${origin}, to the second` }];
      const outcome = apartMs > clockFailMs ? "fail" : apartMs > clockWarnMs ? "warn" : "ok";
      const direction = answer.clockAheadMs > 0 ? "slow" : "fast";
      return [{ outcome, seen: `at least ${(apartMs / 1_000).toFixed(1)} s ${direction} compared with ${origin}` }];
    }
  }
}

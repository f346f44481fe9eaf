import type { CheckSettings } from "../config/check-settings.ts";
import { CommandCheck } from "./command-check.ts";
import type { HealthCheck } from "./health-check.ts";
import { HttpCheck } from "./http-check.ts";
import { SipCheck } from "./sip-check.ts";
import { TcpCheck } from "./tcp-check.ts";

/** `defaultDirectory`: where commands run that name no directory of their own. */
export function makeCheck(settings: CheckSettings, defaultDirectory: string): HealthCheck {
  switch (settings.kind) {
    case "http":
      return new HttpCheck(settings);
    case "tcp":
      return new TcpCheck(settings);
    case "command":
      return new CommandCheck(settings, defaultDirectory);
    case "sip":
      return new SipCheck(settings);
  }
}

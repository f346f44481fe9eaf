import { CommandCheck } from "../checks/command-check.ts";
import type { HealthCheck } from "../checks/health-check.ts";
import { TcpCheck } from "../checks/tcp-check.ts";
import type { SharedDataSettings } from "../config/shared-data-settings.ts";
import { programFile } from "../program-file.ts";

const sqliteLook = programFile("sqlite-look").pathname;

/** `defaultDirectory`: where commands run that name no directory of their own. */
export function makeSharedDataCheck(settings: SharedDataSettings, defaultDirectory: string): HealthCheck {
  switch (settings.kind) {
    case "sqlite":
      return new CommandCheck({ command: [process.execPath, sqliteLook, settings.path] }, defaultDirectory);
    case "tcp":
      return new TcpCheck(settings);
    case "command":
      return new CommandCheck(settings, defaultDirectory);
  }
}

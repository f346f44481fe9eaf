import { CommandCheck } from "../checks/command-check.ts";
import type { HealthCheck } from "../checks/health-check.ts";
import { TcpCheck } from "../checks/tcp-check.ts";
import type { SharedDataSettings } from "../config/shared-data-settings.ts";

const sqliteLook = new URL("../replication/sqlite-look.ts", import.meta.url).pathname;

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

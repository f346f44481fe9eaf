import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ApplicationSettings, InstallationPlace, LabApplication } from "../lab-application.ts";
import { runCommand } from "../run-command.ts";

/** Debian's package runs it as this user, and so does everybody who follows it. */
const user = "kamailio";
export const sipPort = 5_060;
export const dataSet = "registrations";

/** Kamailio as Debian packages it, a registrar and proxy on SQLite ([kamailio.cfg](kamailio.cfg)). */
export const kamailio: LabApplication = {
  name: "kamailio",
  commands: { kamailio: "kamailio kamailio-sqlite-modules", sipp: "sip-tester" },
  dataSets: [{ kind: "sqlite", name: dataSet, local: [] }],
  services: ["kamailio"],
  install,
};

/** The registrations of a host, by the folder of its Kamailio. */
export function databaseIn(folder: string): string {
  return join(folder, "registrations.db");
}

async function install({ folder, groupAddress, isFirst }: InstallationPlace): Promise<ApplicationSettings> {
  await runCommand(["install", "-d", "-o", user, "-g", user, folder]);
  const database = databaseIn(folder);
  if (isFirst) {
    createDatabase(database);
    await runCommand(["chown", `${user}:${user}`, database]);
  }
  const control = `unix:${join(folder, "control.sock")}`;
  const defined = [`DBURL="sqlite:///${database}"`, `CONTROL="${control}"`].flatMap((definition) => ["-A", definition]);
  const identity = ["-u", user, "-g", user, "-Y", folder];
  const configuration = ["-f", join(import.meta.dirname, "kamailio.cfg"), ...defined, "-l", `udp:${groupAddress}:${sipPort}`];
  return {
    services: {
      kamailio: {
        // In the foreground (-DD), with its messages on standard error (-E).
        start: ["/usr/sbin/kamailio", "-DD", "-E", ...identity, ...configuration],
        health: ["/usr/sbin/kamcmd", "-s", control, "core.uptime"],
      },
    },
    dataSets: { [dataSet]: { path: database } },
  };
}

/** As `kamdbctl create` does for SQLite, with the tables that a registrar needs; and as a write-ahead log, so that nobody who reads holds up a writer. */
function createDatabase(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = WAL");
    for (const tables of ["standard", "usrloc"]) database.exec(readFileSync(`/usr/share/kamailio/db_sqlite/${tables}-create.sql`, "utf8"));
  } finally {
    database.close();
  }
}

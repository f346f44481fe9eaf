import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ApplicationSettings, InstallationPlace, LabApplication } from "../lab-application.ts";
import { createWaresDatabase } from "./wares-database.ts";

export const dataSet = "wares";
/** An SQLite file whose tables and rows the trial takes in place of its own. */
const otherDatabase = process.env["LAB_DATABASE"];

/** An application that writes its database on every server at once; its writers are started by the trial, and are no services of the group. */
export const wares: LabApplication = {
  name: "wares",
  commands: {},
  dataSets: [{ kind: "sqlite", name: dataSet, local: [] }],
  services: [],
  install,
};

/** The database of a host, by the folder of its application. */
export function databaseIn(folder: string): string {
  return join(folder, "wares.sqlite");
}

function install({ folder, isFirst }: InstallationPlace): Promise<ApplicationSettings> {
  mkdirSync(folder, { recursive: true });
  const path = databaseIn(folder);
  if (isFirst) createWaresDatabase(path, otherDatabase);
  return Promise.resolve({ services: {}, dataSets: { [dataSet]: { path } } });
}

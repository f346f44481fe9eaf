import { Command } from "commander";
import { agentVersion } from "../version.ts";
import { approverCommand } from "./approver.ts";
import { barrierCommand } from "./barrier.ts";
import { certificateCommand } from "./certificate.ts";
import { clockCommand } from "./clock.ts";
import { conflictsCommand } from "./conflicts.ts";
import { dataCommand } from "./data.ts";
import { detachCommand } from "./detach.ts";
import { dnsCommand } from "./dns.ts";
import { drillCommand } from "./drill.ts";
import { filesCommand } from "./files.ts";
import { haproxyCommand } from "./haproxy.ts";
import { joinCommand } from "./join.ts";
import { licenceCommand } from "./licence.ts";
import { maintenanceCommand } from "./maintenance.ts";
import { preflightCommand } from "./preflight.ts";
import { readmitCommand } from "./readmit.ts";
import { recordsCommand } from "./records.ts";
import { runCommand } from "./run.ts";
import { settingsCommand } from "./settings.ts";
import { statusCommand } from "./status.ts";
import { switchoverCommand } from "./switchover.ts";
import { takeoverCommand } from "./takeover.ts";
import { triggersCommand } from "./triggers.ts";
import { trustCommand } from "./trust.ts";
import { tuneCommand } from "./tune.ts";

/** The whole program, with all commands: made anew for each call that is read. */
export function understudyProgram(): Command {
  const agent = new Command("agent")
    .description("The agent: one on each server of a cluster.")
    .addCommand(preflightCommand())
    .addCommand(joinCommand())
    .addCommand(runCommand())
    .addCommand(statusCommand())
    .addCommand(switchoverCommand())
    .addCommand(drillCommand())
    .addCommand(maintenanceCommand())
    .addCommand(takeoverCommand())
    .addCommand(readmitCommand())
    .addCommand(detachCommand())
    .addCommand(barrierCommand())
    .addCommand(clockCommand())
    .addCommand(conflictsCommand())
    .addCommand(dataCommand())
    .addCommand(filesCommand())
    .addCommand(recordsCommand())
    .addCommand(triggersCommand())
    .addCommand(trustCommand())
    .addCommand(certificateCommand())
    .addCommand(licenceCommand())
    .addCommand(tuneCommand())
    .addCommand(settingsCommand())
    .addCommand(haproxyCommand())
    .addCommand(dnsCommand());
  return new Command("understudy")
    .description("High availability for on-prem servers, run from the cloud.")
    .version(agentVersion)
    .addCommand(agent)
    .addCommand(approverCommand());
}

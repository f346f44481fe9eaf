#!/usr/bin/env node
import { Command } from "commander";
import { barrierCommand } from "./cli/barrier.ts";
import { clockCommand } from "./cli/clock.ts";
import { conflictsCommand } from "./cli/conflicts.ts";
import { dataCommand } from "./cli/data.ts";
import { detachCommand } from "./cli/detach.ts";
import { dnsCommand } from "./cli/dns.ts";
import { drillCommand } from "./cli/drill.ts";
import { filesCommand } from "./cli/files.ts";
import { haproxyCommand } from "./cli/haproxy.ts";
import { joinCommand } from "./cli/join.ts";
import { licenceCommand } from "./cli/licence.ts";
import { maintenanceCommand } from "./cli/maintenance.ts";
import { readmitCommand } from "./cli/readmit.ts";
import { recordsCommand } from "./cli/records.ts";
import { reportFailure } from "./cli/report-failure.ts";
import { runCommand } from "./cli/run.ts";
import { statusCommand } from "./cli/status.ts";
import { switchoverCommand } from "./cli/switchover.ts";
import { takeoverCommand } from "./cli/takeover.ts";
import { triggersCommand } from "./cli/triggers.ts";
import { trustCommand } from "./cli/trust.ts";
import { tuneCommand } from "./cli/tune.ts";
import { answerWrongCalls } from "./cli/wrong-call.ts";
import { agentVersion } from "./version.ts";

const agent = new Command("agent")
  .description("The agent: one on each server of a cluster.")
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
  .addCommand(licenceCommand())
  .addCommand(tuneCommand())
  .addCommand(haproxyCommand())
  .addCommand(dnsCommand());

const understudy = new Command("understudy")
  .description("High availability for on-prem servers, run from the cloud.")
  .version(agentVersion)
  .addCommand(agent);
answerWrongCalls(understudy);

try {
  await understudy.parseAsync();
} catch (error) {
  reportFailure(error);
}

import { type Command, CommanderError } from "commander";
import { understudyProgram } from "../../../agent/cli/program.ts";
import { bytesOf, type FuzzTarget, isA, textOf } from "../fuzz-target.ts";

/** All commands with their options, and nothing that they do. */
function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  command.commands.forEach(idle);
  return command;
}

const calls = [
  "agent\nstatus\n--config\nagent.yaml\n--json",
  "agent\nswitchover\n--config\na\n--group\ndefault\n--to\nnode-b\n--dry-run",
  "agent\nrecords\nput\n--config\na\n--data-set\ncalls\nkey\nvalue\n--ttl\n60",
  "agent\nconflicts\nlist\n--config\na\n--open",
  "agent\nbarrier\n--config\na\n--data-set\ncalls\n--timeout\n1000",
  "--version",
];

export const commandLine: FuzzTarget = {
  name: "command-line",
  reads: "calls of the program: an argument a line",
  share: 1,
  seeds: calls.map(bytesOf),
  words: [
    "\n--",
    "\n-",
    "--config",
    "--json=x",
    "\nhelp\n",
    "--timeout",
    "--limit\n0",
    "--ttl\n1e3",
    "-abc",
    "--no-json",
    "=",
    "--config=",
  ],
  execute: async (input) => {
    // Read values stay in a command, so that each call has its own.
    const program = idle(understudyProgram());
    try {
      await program.parseAsync(textOf(input).split("\n"), { from: "user" });
      return "accepted";
    } catch (error) {
      if (isA(CommanderError)(error)) return "refused";
      throw error;
    }
  },
};

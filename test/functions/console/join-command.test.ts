import { expect, it } from "vitest";
import { certificateCommand } from "../../../agent/cli/certificate.ts";
import { joinCommand as agentsJoinCommand } from "../../../agent/cli/join.ts";
import { joinCommand, renewCommand } from "../../../functions/console/join-command.ts";

it("the line that the console shows for a new node is one that the agent understands", () => {
  const [program, agent, join, ...options] = joinCommand("us1.token").split(" ");
  expect([program, agent, join]).toEqual(["understudy", "agent", "join"]);
  const taken: object[] = [];
  agentsJoinCommand()
    .exitOverride()
    .action((given: object) => void taken.push(given))
    .parse(options, { from: "user" });
  expect(taken).toEqual([{ config: "agent.yaml", token: "us1.token", wait: true }]);
});

it("the line for a node that gets another certificate, too", () => {
  const [program, agent, certificate, renew, ...options] = renewCommand("us1.token").split(" ");
  expect([program, agent, certificate, renew]).toEqual(["understudy", "agent", "certificate", "renew"]);
  const taken: object[] = [];
  certificateCommand()
    .commands.find((command) => command.name() === renew)
    ?.exitOverride()
    .action((given: object) => void taken.push(given))
    .parse(options, { from: "user" });
  expect(taken).toEqual([{ config: "agent.yaml", token: "us1.token" }]);
});

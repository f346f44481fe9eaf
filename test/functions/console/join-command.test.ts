import { expect, it } from "vitest";
import { joinCommand as agentsJoinCommand } from "../../../agent/cli/join.ts";
import { joinCommand } from "../../../functions/console/join-command.ts";

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

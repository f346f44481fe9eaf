import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { balancedServices, haproxyConfiguration } from "../answers/haproxy-configuration.ts";
import { loadSettings } from "../config/load-settings.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { storedDocument } from "./stored-document.ts";

interface HaproxyOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function haproxyCommand(): Command {
  return new Command("haproxy")
    .description("Prints a configuration for HAProxy, made from the cluster's signed document: each balancer answer, with its nodes.")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print what it is made from as one JSON object, and the configuration in it")
    .addHelpText("after", exitCodeHelp())
    .action(haproxy);
}

async function haproxy({ config, json = false }: HaproxyOptions): Promise<void> {
  const settings = loadSettings(config);
  if (settings.balancer === undefined) {
    const nextStep = "Set balancer.port to the same port on every node: that is what the balancer asks.";
    throw new AgentError(
      "bad-settings",
      `The settings file ${config} has no balancer.port, so no agent would answer the checks.`,
      nextStep,
    );
  }
  const { clusterId, document } = await storedDocument(settings);
  const services = balancedServices(document, settings.balancer.port);
  if (services.length === 0) {
    const nextStep = "Add a resource of kind balancer-answer to a group, then try again.";
    throw new AgentError("nothing-balanced", `No group of cluster ${document.name} has a balancer answer.`, nextStep);
  }
  const configuration = haproxyConfiguration(document, services);
  process.stdout.write(
    json ? `${JSON.stringify({ clusterId, version: document.version, services, configuration }, null, 2)}\n` : configuration,
  );
}

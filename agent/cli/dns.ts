import { Command, Option } from "commander";
import { delegationProblems } from "../../shared/domain/membership/delegation-problems.ts";
import { type DnsProduct, delegationInstructions, dnsProducts } from "../../shared/domain/membership/dns-instructions.ts";
import { type DnsZone, dnsZonesOf } from "../../shared/domain/membership/dns-zones.ts";
import { AgentError } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { loadSettings } from "../config/load-settings.ts";
import { lookAtDelegation } from "../dns/look-at-delegation.ts";
import { askingCommand } from "./asking-command.ts";
import { storedDocument } from "./stored-document.ts";

/** What a delegation leads to: it has no room for a port. */
const delegatedPort = 53;

interface DnsOptions {
  readonly config: string;
  readonly json?: boolean;
}

interface InstructionsOptions extends DnsOptions {
  readonly for: DnsProduct;
}

export function dnsCommand(): Command {
  return new Command("dns")
    .description("The zones that the nodes answer for: how they are delegated, and whether they are.")
    .addCommand(
      askingCommand(
        "instructions",
        "Prints what delegates the zones to the nodes, ready to be pasted, made from the cluster's signed document.",
      )
        .addOption(
          new Option("--for <product>", "what holds the zone above: BIND, Windows DNS or Amazon Route 53")
            .choices(dnsProducts)
            .makeOptionMandatory(),
        )
        .action(instructions),
    )
    .addCommand(
      askingCommand(
        "verify",
        "Asks the servers of the zone above, and every node, whether the zones are delegated to just the cluster's nodes and answered; ends with an error where not.",
      ).action(verify),
    );
}

async function instructions({ config, json = false, for: product }: InstructionsOptions): Promise<void> {
  const { zones } = await zonesOf(config);
  const made = zones.map((zone) => ({
    zone: zone.zone,
    nameServers: zone.nameServers,
    instructions: delegationInstructions(zone, product),
  }));
  process.stdout.write(json ? `${JSON.stringify({ product, zones: made }, null, 2)}\n` : made.map((one) => one.instructions).join("\n"));
}

async function verify({ config, json = false }: DnsOptions): Promise<void> {
  const { zones, settings } = await zonesOf(config);
  const port = settings.dns?.port ?? delegatedPort;
  const found = await Promise.all(
    zones.map(async (zone) => {
      const seen = await lookAtDelegation(zone, port);
      return { zone: zone.zone, ...seen, problems: delegationProblems(zone, seen) };
    }),
  );
  const count = found.reduce((sum, { problems }) => sum + problems.length, 0);
  const lines = found.flatMap(({ zone, parents, nodes, problems }) =>
    problems.length === 0
      ? [`${zone}: delegated to all ${nodes.length} nodes by ${parents.map(({ server }) => server).join(", ")}, and answered by each`]
      : problems.map(({ text }) => `${zone}: ${text}`),
  );
  process.stdout.write(`${json ? JSON.stringify({ isRight: count === 0, zones: found }, null, 2) : lines.join("\n")}\n`);
  if (count === 0) return;
  throw new AgentError(
    "delegation-wrong",
    `${count === 1 ? "1 problem" : `${count} problems`} with the zones that the nodes answer for.`,
    "What the zone above needs: understudy agent dns instructions --config FILE --for bind|windows|route53.",
  );
}

/** By the document that this node has on its disk: the agent need not run. */
async function zonesOf(config: string): Promise<{ readonly zones: readonly DnsZone[]; readonly settings: AgentSettings }> {
  const settings = loadSettings(config);
  const { document } = await storedDocument(settings);
  const zones = dnsZonesOf(document);
  if (zones.length > 0) return { zones, settings };
  const nextStep = "Add a resource of kind dns-answer to a group, then try again.";
  throw new AgentError("nothing-delegated", `No group of cluster ${document.name} has a DNS answer.`, nextStep);
}

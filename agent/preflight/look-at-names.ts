import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { NameFact } from "../../shared/domain/preflight/preflight-facts.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { ownHosts } from "../config/lan-addresses.ts";
import { within } from "./within.ts";

const resolveMs = 5_000;
/** Settings with more names than that have been made by a program. */
const namesMax = 64;

interface UsedName {
  readonly name: string;
  readonly usedBy: string;
  readonly isNeeded: boolean;
}

/** Every host name of the settings, once each, as this server resolves it. */
export function lookAtNames(settings: AgentSettings): Promise<readonly NameFact[]> {
  const names = new Map<string, UsedName>();
  for (const used of namesIn(settings)) if (isIP(used.name) === 0 && !names.has(used.name)) names.set(used.name, used);
  return Promise.all([...names.values()].slice(0, namesMax).map(async (used) => ({ ...used, addresses: await addressesOf(used.name) })));
}

/** What the agent needs comes first, so that of a name that is used twice that counts. */
function namesIn({ listen, checks, sharedData, triggers }: AgentSettings): readonly UsedName[] {
  return [
    ...ownHosts(listen).map(({ setting, host, isNeeded }) => ({ name: host, usedBy: setting, isNeeded })),
    ...Object.entries(checks).flatMap(([group, ofGroup]) =>
      Object.entries(ofGroup).flatMap(([name, check]) => {
        const host = check.kind === "http" ? hostOf(check.url) : "host" in check ? check.host : undefined;
        return other(host, `checks.${group}.${name}`);
      }),
    ),
    ...Object.entries(sharedData).flatMap(([name, one]) => other(one.kind === "tcp" ? one.host : undefined, `sharedData.${name}.host`)),
    ...other(triggers.webhooks?.host, "triggers.webhooks.host"),
    ...other(triggers.smtp?.host, "triggers.smtp.host"),
  ];
}

/** Something other than the agent's own address. */
function other(name: string | undefined, usedBy: string): readonly UsedName[] {
  return name === undefined ? [] : [{ name, usedBy, isNeeded: false }];
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, "");
}

async function addressesOf(name: string): Promise<NameFact["addresses"]> {
  const seen = await within(resolveMs, lookup(name, { all: true }));
  return "problem" in seen ? seen : { value: [...new Set(seen.value.map(({ address }) => address))].slice(0, 4) };
}

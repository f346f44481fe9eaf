import { expect, it } from "vitest";
import { delegationPanel } from "../../../functions/console/pages/delegation-panel.ts";
import { delegationInstructions } from "../../../shared/domain/membership/dns-instructions.ts";
import { dnsZonesOf } from "../../../shared/domain/membership/dns-zones.ts";
import { answeringDocument, dnsAnswer, groupWith } from "../../agent/dns/answered-zone.ts";

const shown = async (resources: Parameters<typeof groupWith>[0]): Promise<string> =>
  String(await delegationPanel(answeringDocument([groupWith(resources)])));

it("the console has the same instructions as the agent, for each zone that the nodes answer for; without one nothing", async () => {
  expect(await shown([])).toBe("");
  const resources = [dnsAnswer("phones"), dnsAnswer("other", { zone: "doors.example.test", domainName: "doors.example.test" })];
  const text = (await shown(resources)).replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  for (const zone of dnsZonesOf(answeringDocument([groupWith(resources)])))
    for (const product of ["bind", "windows", "route53"] as const)
      expect(text).toContain(`<pre>${delegationInstructions(zone, product)}</pre>`);
  expect(text.match(/<h3>/g)).toHaveLength(2);
});

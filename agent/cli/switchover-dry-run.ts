import { AgentError } from "../agent-error.ts";
import type { LocalClient } from "../local/local-client.ts";
import type { OutlookAnswer } from "../local/outlook-answer.ts";
import { table } from "./table.ts";

/** Prints what a switchover to the node would come to, and why. Throws `AgentError` ("switchover-failed") where it would be refused. */
export async function switchoverDryRun(client: LocalClient, group: string, to: string, json: boolean): Promise<void> {
  const outlook = await client.outlook(group);
  const target = outlook.nodes.find(({ node, name }) => node === to || name === to);
  const refusal = target === undefined ? `${to} is not in the group's order` : target.refusal;
  process.stdout.write(
    json ? `${JSON.stringify({ to, wouldBegin: refusal === null, refusal, ...outlook }, null, 2)}\n` : outlookTable(outlook),
  );
  const nextStep = "Mend what it names, then try again. Nothing was moved.";
  if (refusal !== null) throw new AgentError("switchover-failed", `The switchover would be refused: ${refusal}.`, nextStep);
  if (!json) process.stdout.write(`\nThe switchover to ${target?.name ?? to} would be begun. Nothing was moved.\n`);
}

/** One row a reason: for each node what speaks for it, then what speaks against it. */
export function outlookTable({ group, holderName, obstacle, nodes }: OutlookAnswer): string {
  const rows = nodes.flatMap(({ name, refusal, reasonsFor, reasonsAgainst }) => {
    const reasons = [...reasonsFor.map((reason) => ["for", reason]), ...reasonsAgainst.map((reason) => ["against", reason])];
    const [first = ["-", "nothing is known"], ...more] = reasons;
    return [[name, refusal === null ? "yes" : "no", ...first], ...more.map((reason) => ["", "", ...reason])];
  });
  const head = `Group ${group} is on ${holderName ?? "no node that is known"}.${obstacle === null ? "" : ` No switchover now: ${obstacle}.`}`;
  return `${head}\n\n${table(["NODE", "COULD TAKE IT", "", "REASON"], rows)}\n`;
}

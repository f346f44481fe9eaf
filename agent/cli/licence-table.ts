import type { Amount } from "../../shared/domain/licensing/capacity.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { LicenceState } from "../../shared/domain/licensing/licence-course.ts";
import type { LicenceStanding } from "../../shared/domain/licensing/licence-term.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

/** What `understudy agent licence show` tells; `--json` prints it as it is. */
export interface LicenceReport {
  readonly state: LicenceState;
  /** ISO 8601 UTC; null where nothing will change. */
  readonly until: string | null;
  /** Nodes of the cluster, by its document. */
  readonly nodes: number;
  readonly licensed: Amount;
  readonly licences: readonly (Licence & { readonly standing: LicenceStanding })[];
  /** Files that are no licences of this cluster. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
  readonly consequences: readonly string[];
}

export function licenceTable({ state, until, nodes, licensed, licences, refused, consequences }: LicenceReport): string {
  const rows = licences.map((licence) => [
    licence.trial === true ? "trial" : licence.licenceId,
    licence.standing,
    String(licence.nodes),
    String(licence.users ?? 0),
    licence.validFrom.slice(0, 10),
    licence.validUntil.slice(0, 10),
    `${licence.graceDays} days`,
  ]);
  const end = until === null ? "" : ` until ${until.slice(0, 16).replace("T", " ")} UTC`;
  return [
    `Licences on this node: ${state}${end}; ${nodes} of ${licensed.nodes} nodes, ${licensed.users} users licensed.`,
    ...consequences,
    "",
    table(["LICENCE", "STANDING", "NODES", "USERS", "FROM", "UNTIL", "GRACE"], rows),
    ...refused.map(({ file, reason }) => `\nNot counted: ${printable(file)}: ${printable(reason)}`),
  ].join("\n");
}

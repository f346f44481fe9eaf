import type { SwitchoverOutlook } from "../../shared/domain/failover/switchover-outlook.ts";
import type { NodeId } from "../../shared/domain/ids.ts";

/** The core's outlook with names, which people know nodes by. */
export interface OutlookAnswer extends Omit<SwitchoverOutlook, "nodes"> {
  readonly holderName: string | null;
  readonly nodes: readonly (SwitchoverOutlook["nodes"][number] & { readonly name: string })[];
}

/** `named` puts names in place of the ids in a sentence. */
export function outlookAnswer(outlook: SwitchoverOutlook, named: (sentence: string) => string): OutlookAnswer {
  const nameOf = (node: NodeId): string => named(node);
  return {
    ...outlook,
    holderName: outlook.holder === null ? null : nameOf(outlook.holder),
    obstacle: outlook.obstacle === null ? null : named(outlook.obstacle),
    nodes: outlook.nodes.map(({ node, refusal, reasonsFor, reasonsAgainst }) => ({
      node,
      name: nameOf(node),
      refusal: refusal === null ? null : named(refusal),
      reasonsFor: reasonsFor.map(named),
      reasonsAgainst: reasonsAgainst.map(named),
    })),
  };
}

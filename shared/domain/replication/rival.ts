import type { KnownVersion } from "./merge-rule.ts";

/** A write that lost to another one without either having known of the other. It may stand yet: when what it lost to is overwritten by somebody who did not know it. */
export interface Rival<Row> extends KnownVersion {
  /** Undefined: it deletes the row. */
  readonly row: Row | undefined;
  /** Of its line in the journal; null where there is none, since it is the standing write under another number. */
  readonly line: number | null;
  /** Somebody is to decide. */
  readonly isOpen: boolean;
}

export function asRival<Row>({ epoch, hlc, origin, seq, policy, context }: KnownVersion, row: Row | undefined): Rival<Row> {
  const known = policy?.policy === "priority" ? context : undefined;
  return { epoch, hlc, origin, seq, policy, context: known, row, line: null, isOpen: false };
}

export function sideOf<Row>({ epoch, hlc, origin, row }: Rival<Row>): Pick<Rival<Row>, "epoch" | "hlc" | "origin" | "row"> {
  return { epoch, hlc, origin, row };
}

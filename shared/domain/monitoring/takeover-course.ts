import type { NodeId, PathName } from "../ids.ts";
import type { MonotonicUs } from "../time.ts";

/**
 * The steps of a takeover, as the node that took over saw them. Each `...BeforeMs` is an instant: so many milliseconds before the group's resources
 * ran here, as this node's clock shows them. The votes were complete `startedInMs` before (the event's own field).
 */
export interface TakeoverCourse {
  /** The old holder's last word; null where there was no other holder, or it was not heard since this node's start. */
  readonly heardBeforeMs: number | null;
  /** It was found silent on every path; null where it was heard to the end, as where it gave the group back. */
  readonly silentBeforeMs: number | null;
  /** Its last word on each path between the two; null where nothing came that way. */
  readonly paths: readonly { readonly path: PathName; readonly heardBeforeMs: number | null }[];
  /** What each other node in reach had last heard of the old holder, by that node's own newest heartbeat; null: nothing since its start. */
  readonly heardByOthers: readonly { readonly node: NodeId; readonly heardBeforeMs: number | null }[];
  /** Enough voters were known to be free of their promises. */
  readonly freeBeforeMs: number;
  /** This node asked for the first of the votes that it won by. */
  readonly askedBeforeMs: number;
  /**
   * For how long nobody had answered for the group's addresses on the LAN when the votes were complete, by this node's own probes; null where it had no
   * reason to look before it took the group (only `whenAlone: probe` is one).
   */
  readonly addressesQuietForMs: number | null;
  readonly addresses: readonly AddressCourse[];
}

/** A virtual address of the group, as its new holder's probe saw it. */
export interface AddressCourse {
  /** Without its prefix length. */
  readonly address: string;
  /** The new holder began to ask its neighbours who has the address. */
  readonly probedBeforeMs: number;
  /** The last of its questions was over. */
  readonly probeEndedBeforeMs: number;
  /** The hardware address that answered one of them last; null where nobody answered any. */
  readonly answeredBy: string | null;
  /** It was set here, and traffic passed. */
  readonly upBeforeMs: number;
  /**
   * What the new holder's own questions to the address had found when it won, put to it as a client's all the while (agent/node/silence-watch.ts). Absent where
   * it never answered one since the new holder's start, or answered to the end: then only the last word of the old holder bounds the silence.
   */
  readonly sighting?: SightingCourse;
}

/** The address was without a holder for at least `unansweredBeforeMs`, and at most `answeredBeforeMs`, less `upBeforeMs`. */
export interface SightingCourse {
  /** The address answered for the last time. */
  readonly answeredBeforeMs: number;
  /** The first question that nobody has answered was put. */
  readonly unansweredBeforeMs: number;
}

/** The same as it is measured: instants of this machine's monotonic clock. */
export interface AddressLook {
  readonly address: string;
  readonly probedUs: MonotonicUs;
  readonly probeEndedUs: MonotonicUs;
  readonly answeredBy: string | null;
  readonly upUs: MonotonicUs;
  readonly sighting?: AddressSighting;
}

/** Of an address that is silent now: when it answered last, and when the first question was put that nobody has answered since. */
export interface AddressSighting {
  readonly answeredUs: MonotonicUs;
  readonly unansweredUs: MonotonicUs;
}

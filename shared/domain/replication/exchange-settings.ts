/** Times and bounds of the exchange between replicas (shared/config/replication.ts holds their values). */
export interface ExchangeSettings {
  /** After a stream was lost or could not be had: the first wait doubles up to the longest. */
  readonly redialMs: { readonly first: number; readonly max: number };
  /** What is told within this time goes out as one word. */
  readonly acknowledgeAfterMs: number;
  readonly signOfLifeMs: number;
  /** A peer that has something for this node, and has sent nothing for this long, is asked again. */
  readonly askAgainAfterMs: number;
  /** What does not join on is asked for once within this time. */
  readonly missingPatienceMs: number;
  /** A stream on which nothing was heard for this long is closed. */
  readonly silentAfterMs: number;
  readonly lockedRetryMs: number;
  /** A lock that lasts longer is a problem to tell, and no reason to keep the peer's frames waiting. */
  readonly lockedPatienceMs: number;
  readonly schemaRetriesMax: number;
  /** For how long nothing is applied after something stood in the way. */
  readonly holdMs: number;
  /** Peers that are met within this time after this node had nobody tell what it missed; later ones have been away themselves. */
  readonly meetAllWithinMs: number;
  /** For how long members may still be starting before it is said that nobody is there. */
  readonly startPatienceMs: number;
  /** Own writes are sealed when the application has paused for this long, or where this many wait for it; never more often. */
  readonly sealEveryMs: number;
  readonly sealAfterChanges: number;
  readonly pruneEveryMs: number;
  /** After a member was removed nothing leaves the log for so long: others may not have heard of it, and still take from it what is not known here. */
  readonly removalPatienceMs: number;
  /** That more conflicts wait for a decision is told once within this time. */
  readonly tellOpenEveryMs: number;
  /** For how long somebody may still come who has in its log what this node lacks and the others have let go. */
  readonly uncoveredPatienceMs: number;
  /** Sent and not yet acknowledged, per peer and data set; more waits in the log. */
  readonly inFlightBytesMax: number;
  readonly clock: {
    /** By how much a node's clock may differ from what a majority says; a data set may declare another limit. */
    readonly skewMsMax: number;
    /** A clock counts as right again after it has differed by less than nine tenths of that for this long. */
    readonly alignedForMs: number;
  };
  /** What a node shows of another one that is heard may be so old before that is told. */
  readonly ageMsMax: number;
}

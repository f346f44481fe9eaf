/** From `fromMs` on, and before `toMs`; milliseconds since 1970 UTC. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** As which user an agent is started, with what beside the test's own environment, and from which code. */
export interface AgentStart {
  readonly uid?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another copy of the agent's code: its `main.ts`. */
  readonly program?: string;
}

import { AgentError } from "../agent-error.ts";

/** The process must end now: its guardian takes everything down. */
export function fenced(message: string, cause: Error): AgentError {
  const nextStep = "Its services were taken down. Start it again; if it happens again, report the lines above.";
  return new AgentError("fenced", `The agent fenced itself: ${message}.`, nextStep, cause);
}

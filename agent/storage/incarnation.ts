import { AgentError } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "./durable-file.ts";

/** Grows with every start of the agent, on disk before anybody hears of it: peers tell a restarted node from a slow message by it. */
export async function nextIncarnation(path: string): Promise<number> {
  const text = await readIfPresent(path);
  const last = text === null ? 0 : Number(text.trim());
  if (!Number.isSafeInteger(last) || last < 0) {
    const nextStep = "Remove the node in the console, empty its data directory, and join it again with a new token.";
    throw new AgentError("data-dir-unusable", `The file ${path} is damaged: it must hold the number of the agent's last start.`, nextStep);
  }
  await writeDurably(path, `${last + 1}\n`);
  return last + 1;
}

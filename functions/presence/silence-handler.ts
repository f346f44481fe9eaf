import type { Dependencies } from "../dependencies.ts";
import { watchPresence } from "../use-cases/watch-presence.ts";

/** Woken by a schedule, once a minute: tells of nodes and sites that have been silent for too long. Retried by it; a repeat is harmless, because each silence is told once. */
export function silenceHandler(dependencies: Dependencies) {
  return async (): Promise<void> => {
    const { told } = await watchPresence(dependencies);
    if (told > 0) dependencies.log.info({ told }, "silent nodes or sites were told of");
  };
}

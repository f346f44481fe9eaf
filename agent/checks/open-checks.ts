import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { CheckBoard } from "./check-board.ts";
import { makeCheck } from "./make-check.ts";

/** Every check of the settings, with the machine's own clock and chance. `onChange`: what they say against this node has changed. */
export function openChecks(
  settings: AgentSettings["checks"],
  defaultDirectory: string,
  record: (detail: EventDetail) => void,
  onChange: () => void,
): CheckBoard {
  return new CheckBoard({
    settings,
    make: (check) => makeCheck(check, defaultDirectory),
    nowMs: () => performance.now(),
    chance: Math.random,
    record,
    onChange,
  });
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../../agent/agent-error.ts";
import { parseSettings } from "../../../agent/config/load-settings.ts";
import { bytesOf, type FuzzTarget, isA, promise, textOf } from "../fuzz-target.ts";

const example = readFileSync(join(import.meta.dirname, "../../../agent/config/agent.example.yaml"));
/** Whoever may write this file may stop the agent anyway: how long a large one takes is no matter. */
const bytesMax = 8_192;
const least = "name: a\ndataDir: /var/lib/x\nlisten: { host: 192.0.2.1, heartbeatPort: 1, replicationPort: 2 }\nservices: {}\n";

export const settings: FuzzTarget = {
  name: "settings",
  reads: "a node's settings, as an installer writes them",
  share: 1,
  seeds: [example, bytesOf(least), bytesOf("a: &a [x]\nb: *a\n")],
  words: ["&a ", "*a", "<<: *a", "!!js/function x", "- ", ": ", "? ", "|\n", "---\n", "{", "}", "\t", "%YAML 1.1\n"],
  execute: (input) => {
    if (input.length > bytesMax) return "refused";
    try {
      parseSettings(textOf(input), "agent.yaml");
      return "accepted";
    } catch (error) {
      if (!isA(AgentError)(error)) throw error;
      const { code, message, nextStep } = error as AgentError;
      promise(code === "bad-settings" && message !== "" && nextStep !== "", "settings are refused without saying why");
      return "refused";
    }
  },
};

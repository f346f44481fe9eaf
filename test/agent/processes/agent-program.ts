import { join } from "node:path";

/**
 * What a server runs as its agent: the bundle of its package where one was made for these tests (test/setup/agent-bundle.ts), as the system tests have it; else the sources.
 * A bundle starts in a third of the time.
 */
export const agentProgram = process.env["AGENT_UNDER_TEST"] ?? join(import.meta.dirname, "../../../agent/main.ts");

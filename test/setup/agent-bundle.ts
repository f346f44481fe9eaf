import { resolve } from "node:path";
import { bundleAgent } from "../../infra/packaging/agent-bundle.ts";

/** Where the system tests have their agent from, below the repository. */
export const agentBundleFolder = "node_modules/.cache/understudy-agent";

/** Before all tests: the agent as its package has it, once. */
export default async function makeAgentBundle(): Promise<void> {
  await bundleAgent(resolve(import.meta.dirname, "../..", agentBundleFolder));
}

/** Of the agent, as reports and `--version` say it: the package's own (test/agent/version.test.ts). */
export const agentVersion = "0.1.0";

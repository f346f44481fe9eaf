import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { markedProcesses } from "../../agent/resources/marked-processes.ts";
import { resourceContract } from "./resource-contract.ts";

const driver = new URL("../agent/processes/resource-process.ts", import.meta.url).pathname;

resourceContract("service", () => {
  const mark = randomUUID();
  return {
    kind: "service",
    isThere: () => markedProcesses(mark).length > 0,
    launch: (manner) => {
      const start = manner === "sound" ? ["/bin/sleep", "60"] : ["/bin/false"];
      const argv = [driver, JSON.stringify({ kind: "service", name: "sample" }), mark, JSON.stringify({ start })];
      return spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
    },
  };
});

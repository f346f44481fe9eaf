import { handle } from "hono/aws-lambda";
import type { Dependencies } from "../dependencies.ts";
import { joinCommand } from "./join-command.ts";
import { type ConsoleDependencies, consoleRoutes } from "./routes.ts";
import { useCaseConsoleSource } from "./use-case-console-data.ts";

/** The console behind API Gateway: the same pages as in the embedded cloud. Retried by people; its forms change what the API's routes change. */
export function consoleHandler(dependencies: Dependencies, login: Pick<ConsoleDependencies, "identity" | "sessionKey">) {
  const { nowMs, log, stores } = dependencies;
  const data = useCaseConsoleSource(dependencies);
  return handle(consoleRoutes({ ...login, data, findUser: (userId) => stores.users.find(userId), joinCommand, nowMs, log }));
}

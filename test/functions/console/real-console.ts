import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { type Accounts, startAccounts } from "../../../functions/embedded/accounts/accounts.ts";
import { consoleSite } from "../../../functions/embedded/console-site.ts";
import { closeServer } from "../../../functions/embedded/listen.ts";
import { CallerRates, defaultRates } from "../../../functions/use-cases/rate-limit.ts";
import type { ControlPlane } from "../control-plane.ts";

export interface RealConsole {
  readonly url: string;
  readonly accounts: Accounts;
  readonly dependencies: Dependencies;
  close(): Promise<void>;
}

/** The console, the API and the issuer on one port, as the embedded cloud has them, on the plane's use cases and store. */
export async function startRealConsole(plane: ControlPlane, rates = defaultRates): Promise<RealConsole> {
  const dataDir = mkdtempSync(join(tmpdir(), "understudy-console-"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const accounts = await startAccounts({ dataDir, issuerUrl: `${url}/oidc`, nowMs: plane.dependencies.nowMs });
  const dependencies = { ...plane.dependencies, directory: accounts.directory };
  server.on("request", consoleSite(dependencies, accounts, new CallerRates(rates, plane.dependencies.nowMs)));
  return {
    url,
    accounts,
    dependencies,
    async close() {
      await closeServer(server);
      rmSync(dataDir, { recursive: true });
    },
  };
}

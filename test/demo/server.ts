import { join } from "node:path";
import { AgentHost } from "./agent-host.ts";

const applicationProgram = join(import.meta.dirname, "customer-application.ts");
const healthProgram = join(import.meta.dirname, "application-health.ts");

export interface ServerOptions {
  /** Everything of this server lies below it: settings, the agent's data, the application's database. */
  readonly folder: string;
  readonly name: string;
  readonly heartbeatPort: number;
  readonly replicationPort: number;
  /** Where the application answers, on whichever server it runs. */
  readonly applicationPort: number;
}

/** One of the customer's servers: an agent, and the application with its database where the server is operational. */
export class Server extends AgentHost {
  readonly database: string;

  constructor({ folder, name, heartbeatPort, replicationPort, applicationPort }: ServerOptions) {
    const database = join(folder, "application.sqlite");
    const address = `http://127.0.0.1:${applicationPort}/`;
    const application = ["--port", String(applicationPort), "--database", database, "--server-name", name];
    super({
      folder,
      name,
      settings: {
        listen: { host: "127.0.0.1", heartbeatPort, replicationPort },
        services: {
          application: {
            start: [process.execPath, applicationProgram, ...application],
            health: [process.execPath, healthProgram, address],
          },
        },
        dataSets: { application: { path: database } },
      },
    });
    this.database = database;
  }
}

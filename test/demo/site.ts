import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { AlertInbox } from "./alert-inbox.ts";
import { ApiClient } from "./api-client.ts";
import { ApplicationClient } from "./application-client.ts";
import { type CloudPorts, EmbeddedCloud } from "./embedded-cloud.ts";
import { freePorts } from "./free-ports.ts";
import { Server } from "./server.ts";
import { waitFor } from "./waiting.ts";

export const serverNames = ["node-a", "node-b", "node-c"] as const;

/** Where everything of a site listens; kept with its data, so that a site that starts again is found at the same addresses. */
export interface SitePorts {
  readonly cloud: CloudPorts;
  readonly application: number;
  readonly subscriber: number;
  readonly servers: readonly { readonly heartbeat: number; readonly replication: number }[];
}

const memorySchema = z.object({ customerId: z.string(), clusterId: z.string() });
export type SiteMemory = z.infer<typeof memorySchema>;

/** A demonstration customer: the control plane, three servers with an agent and the customer's application, and a subscriber of its alerts. */
export class Site {
  readonly folder: string;
  readonly cloud: EmbeddedCloud;
  readonly servers: readonly Server[];
  readonly inbox: AlertInbox;
  readonly application: ApplicationClient;
  readonly ports: SitePorts;

  constructor(folder: string, ports: SitePorts) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.ports = ports;
    this.cloud = new EmbeddedCloud(join(folder, "cloud"), ports.cloud);
    this.servers = serverNames.map((name, index) => {
      const own = ports.servers[index];
      if (own === undefined) throw new Error(`no ports for ${name}`);
      return new Server({
        folder: join(folder, name),
        name,
        heartbeatPort: own.heartbeat,
        replicationPort: own.replication,
        applicationPort: ports.application,
      });
    });
    this.inbox = new AlertInbox(ports.subscriber, folder);
    this.application = new ApplicationClient(ports.application);
  }

  /** Ports that are free now: for a site that ends by itself. */
  static async anyPorts(): Promise<SitePorts> {
    const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0, application = 0, subscriber = 0, ...rest] = await freePorts(
      7 + 2 * serverNames.length,
    );
    const servers = serverNames.map((_, index) => ({ heartbeat: rest[2 * index] ?? 0, replication: rest[2 * index + 1] ?? 0 }));
    return { cloud: { http, agent, mqtt, sns, snsTls }, application, subscriber, servers };
  }

  api(): ApiClient {
    return new ApiClient(this.cloud.addresses.api, this.cloud.firstLogin().apiKey);
  }

  /** What an earlier run of this site has set up, if any. */
  memory(): SiteMemory | undefined {
    const file = join(this.folder, "site.json");
    return existsSync(file) ? memorySchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  }

  /** Customer, cluster, licence and alert subscription, over the API as an MSP would make them. */
  async register(licensedNodes: number = serverNames.length, timing: TimingProfileName = "default"): Promise<SiteMemory> {
    const api = this.api();
    const { customerId } = await api.createCustomer("Harbour Hotel");
    const { document } = await api.createCluster(customerId, {
      name: "Front desk",
      timing,
      dataSets: [{ kind: "sqlite", name: "application", local: [] }],
      resources: [{ kind: "service", name: "application" }],
    });
    await api.issueLicence(document.clusterId, licensedNodes);
    const subscribed = await api.subscribe(customerId, "http", this.inbox.endpoint);
    await waitFor("the subscriber to confirm its subscription", 15_000, async () => {
      const { subscriptions } = await api.subscriptions(customerId);
      return subscriptions.find((one) => one.endpoint === subscribed.endpoint && one.state === "confirmed");
    });
    const memory = { customerId, clusterId: document.clusterId };
    writeFileSync(join(this.folder, "site.json"), JSON.stringify(memory));
    return memory;
  }

  serverNamed(name: string): Server {
    const found = this.servers.find((server) => server.name === name);
    if (found === undefined) throw new Error(`no server is called ${name}`);
    return found;
  }

  async operationalServer(timeoutMs: number): Promise<Server> {
    return this.serverNamed(await waitFor("the application to answer", timeoutMs, async () => this.application.whoAnswers(), 20));
  }

  /** Ends every process of the site, the servers first. Resolves with the names of those that had to be killed. */
  async end(): Promise<string[]> {
    const stopped = await Promise.all(this.servers.map(async (server) => ((await server.shutDown()) ? [] : [server.name])));
    await this.inbox.stop();
    await this.cloud.stop();
    return stopped.flat();
  }
}

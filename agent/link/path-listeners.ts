import type { AddressInfo, Server } from "node:net";
import type { PathName } from "../../shared/domain/ids.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import { reasonOf } from "../agent-error.ts";

const retryMs = 5_000;

export interface PathListenersOptions {
  /** This node's own addresses; the first must be had. */
  readonly paths: readonly LanPath[];
  /** The same on every path. 0 lets the system choose. */
  readonly port: number;
  readonly makeServer: (path: PathName) => Server;
  /** For the log: a further path cannot be listened on yet, or can again. */
  readonly onTrouble: (text: string) => void;
}

/** A listener on every path of this node. */
export class PathListeners {
  readonly port: number;
  readonly #options: PathListenersOptions;
  readonly #servers: Server[] = [];
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #known: LanPath[] = [];

  private constructor(options: PathListenersOptions, path: LanPath, first: Server) {
    this.#options = options;
    this.#known.push(path);
    this.#servers.push(first);
    this.port = (first.address() as AddressInfo).port;
  }

  /**
   * Resolves when the first address is listened on, and rejects with the system's error where it cannot be. The others are tried until
   * they can be had: a network that is missing when the machine boots must keep nobody from using the one that is there.
   */
  static async open(options: PathListenersOptions): Promise<PathListeners> {
    const [first, ...further] = options.paths;
    if (first === undefined) throw new Error("a node has at least one address");
    const server = options.makeServer(first.name);
    await listen(server, first.host, options.port);
    const listeners = new PathListeners(options, first, server);
    await listeners.alsoOn(further);
    return listeners;
  }

  /**
   * Listens on these too, where it does not yet: where the node has been given another address, it is found at both until it starts anew. Never
   * rejects; an address that cannot be had is tried again and again.
   */
  async alsoOn(paths: readonly LanPath[]): Promise<void> {
    const missing = paths.filter(({ name, host }) => !this.#known.some((known) => known.name === name && known.host === host));
    this.#known.push(...missing);
    await Promise.all(missing.map((path) => this.#tryPath(path, false)));
  }

  async close(): Promise<void> {
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  async #tryPath(path: LanPath, wasTold: boolean): Promise<void> {
    const { makeServer, onTrouble } = this.#options;
    const server = makeServer(path.name);
    try {
      await listen(server, path.host, this.port);
      this.#servers.push(server);
      if (wasTold) onTrouble(`path ${path.name} is there now: listening on ${path.host}, port ${this.port}`);
    } catch (error) {
      if (!wasTold) {
        const why = `path ${path.name} cannot be listened on (${path.host}, port ${this.port}): ${reasonOf(error)}`;
        onTrouble(`${why}; tried again every ${retryMs / 1_000} s: check the network, and this path's address in the node's settings`);
      }
      const retry = setTimeout(() => {
        this.#retries.delete(retry);
        void this.#tryPath(path, true);
      }, retryMs);
      this.#retries.add(retry);
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

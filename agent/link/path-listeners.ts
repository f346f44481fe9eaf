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
  readonly #servers: Server[] = [];
  readonly #retries = new Set<NodeJS.Timeout>();

  private constructor(first: Server) {
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
    const listeners = new PathListeners(server);
    await Promise.all(further.map((path) => listeners.#tryPath(path, options, false)));
    return listeners;
  }

  async close(): Promise<void> {
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  async #tryPath(path: LanPath, options: PathListenersOptions, wasTold: boolean): Promise<void> {
    const server = options.makeServer(path.name);
    try {
      await listen(server, path.host, this.port);
      this.#servers.push(server);
      if (wasTold) options.onTrouble(`path ${path.name} is there now: listening on ${path.host}, port ${this.port}`);
    } catch (error) {
      if (!wasTold) {
        const why = `path ${path.name} cannot be listened on (${path.host}, port ${this.port}): ${reasonOf(error)}`;
        options.onTrouble(`${why}; tried again every ${retryMs / 1_000} s: check listen.paths.${path.name}`);
      }
      const retry = setTimeout(() => {
        this.#retries.delete(retry);
        void this.#tryPath(path, options, true);
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

import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { nameServerHosts } from "./cluster.ts";
import type { Host } from "./host.ts";
import { NameServer } from "./name-server.ts";
import type { World } from "./world.ts";

/** As the agent asks: over UDP first, then over TCP. */
const [udpPatienceUs, tcpPatienceUs] = [1_000_000, 2_000_000];

/** The DNS servers, and the way to them, which has nothing to do with that between the nodes. */
export class NameService {
  readonly servers: readonly NameServer[];
  readonly #world: World;
  readonly #random: SeededRandom;

  constructor(world: World) {
    this.#world = world;
    this.#random = new SeededRandom(world.options.seed, "way to the names");
    this.servers = nameServerHosts.map((host) => new NameServer(host, world.oracle.names));
  }

  server(host: string): NameServer {
    const server = this.servers.find((one) => one.host === host);
    if (server === undefined) throw new Error(`the simulation has no DNS server ${host}`);
    return server;
  }

  /** `serve` runs whenever the request arrives: never, late, or more often, also when nobody waits for its answer any more. Null: no answer in time. */
  ask<Answer>(host: Host, server: NameServer, serve: () => Answer, answered: (answer: Answer | null) => void): void {
    let isOver = false;
    const end = (answer: Answer | null): void => {
      if (isOver) return;
      isOver = true;
      answered(answer);
    };
    const arrives = (): void =>
      server.take(() => {
        const answer = serve();
        this.#carry(() => end(answer));
      });
    this.#carry(arrives);
    host.machine.after(udpPatienceUs, () => {
      if (isOver) return;
      this.#carry(arrives);
      host.machine.after(tcpPatienceUs, () => end(null));
    });
  }

  #carry(deliver: () => void): void {
    const { options, isHealed, queue, nowUs } = this.#world;
    const isLost = this.#random.chance(0.1) && !isHealed;
    const copies = this.#random.chance(0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isClogged = this.#random.chance(0.1) && !isHealed;
      const delayUs = Math.round(100 + this.#random.exponential(isClogged ? 3 * options.timing.leaseMs * 1_000 : 2_000));
      if (!isLost) queue.at(nowUs + delayUs, deliver);
    }
  }
}

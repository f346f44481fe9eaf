import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type MonotonicUs, US_PER_MS, usFromMs } from "../../shared/domain/time.ts";
import { reasonOf } from "../agent-error.ts";
import { deleteGate, type GateTable, gateRules, takeStrangers } from "./gate-table.ts";
import { monotonicUs } from "./monotonic.ts";
import { runProgram } from "./system-program.ts";

const programMs = 2_000;
/** What a renewal may add, in milliseconds, the longest first; leases leave room for 200 in the default profile, 100 in the fast one. */
const rungsMs = [800, 400, 200, 100, 50, 25] as const;
/** The set's clock ticks this slowly at worst (100 Hz), and an element may end a tick early. It never ends late. */
const tickUs = usFromMs(10);
/** How long the first datagram has, after `nft` has let it in. */
const ticketMs = 100;
/** With so little certain life left the next renewal is due. */
const dueUs = usFromMs(30);
const loopbackPatienceMs = 1_000;
/** A firewall that is loaded anew may flush all rules, and these with them; and somebody else may take the address. */
const lookEveryMs = 2_000;

export interface GateNews {
  /** The address has its lifetime alone from now on, and why. */
  readonly onGivenUp: (reason: string) => void;
  /** Somebody had removed its rules, and they are there again. */
  readonly onRestored: () => void;
  /** After every look: the hardware addresses that have claimed the address since the one before. */
  readonly onLook: (strangers: readonly string[]) => void;
}

interface Flight {
  readonly sentUs: MonotonicUs;
  readonly rungMs: number;
  readonly secret: Buffer;
  readonly patience: NodeJS.Timeout;
}

/**
 * Lets traffic to and from an address pass only while its lease lasts, in the kernel alone: an nftables set holds the address with a
 * timeout in milliseconds, and a rule renews the element when it sees one datagram of the guardian's on `lo`.
 *
 * Why the element never outlives the lease, wherever this process is frozen: a process that is stopped between its look at the clock and its
 * datagram sends it late, however careful the look was. So the rule renews only what is alive, and `aliveAtMostUs` is an instant by which
 * the element has ended if nothing more is sent. One datagram at a time is under way, and it comes back to its sender: at its return at t the
 * element lives until t + rung at most. The next is sent only where aliveAtMostUs + rung is within the lease. Seen before
 * aliveAtMostUs, it makes the element live until then + rung at most, which is within the lease; seen later, it does nothing, since nothing
 * is alive. What was dead is let in by `nft` with a ticket that passes no traffic, and the same account is kept from the instant at which `nft`
 * has ended: a ticket that comes late meets no datagram. The kernel rounds timeouts down.
 */
export class AddressGate {
  readonly #table: GateTable;
  readonly #socket: Socket;
  readonly #secrets: ReadonlyMap<number, Buffer>;
  readonly #news: GateNews;
  #untilUs: MonotonicUs = 0;
  /** Alive for certain until the first, dead for certain from the second on, if nothing more is sent. */
  #aliveAtLeastUs: MonotonicUs = 0;
  #aliveAtMostUs: MonotonicUs = 0;
  #flight: Flight | null = null;
  #arming = false;
  #timer: NodeJS.Timeout | null = null;
  readonly #looking: NodeJS.Timeout;
  #extraLook: NodeJS.Timeout | undefined;
  #isLooking = false;
  #closed = false;
  readonly #opened = Promise.withResolvers<void>();

  private constructor(table: GateTable, socket: Socket, secrets: ReadonlyMap<number, Buffer>, news: GateNews) {
    this.#table = table;
    this.#socket = socket;
    this.#secrets = secrets;
    this.#news = news;
    socket.on("message", (payload) => this.#returned(payload));
    socket.on("error", (error) => void this.#giveUp(error.message));
    this.#looking = setInterval(() => void this.#look(), lookEveryMs);
  }

  /** Closed until the first `hold`, and with a ticket already for the datagram that follows it. Throws where this system has no such gate, with the reason. */
  static async open(table: GateTable, news: GateNews): Promise<AddressGate> {
    const socket = createSocket("udp4");
    try {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
      const secrets = new Map(rungsMs.map((rungMs) => [rungMs, randomBytes(16)]));
      const startedUs = monotonicUs();
      const result = await runProgram(["nft", "-f", "-"], programMs, gateRules(table, { port: socket.address().port, secrets, ticketMs }));
      if (!result.ok) throw new Error(result.reason);
      const gate = new AddressGate(table, socket, secrets, news);
      gate.#hasTicket(startedUs);
      return gate;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  get name(): string {
    return this.#table.name;
  }

  /** Resolves when traffic passes for the first time, or never will. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  hold(untilUs: MonotonicUs): void {
    this.#untilUs = untilUs;
    this.#renew();
  }

  /** Beside the looks that it takes by itself. */
  lookAgain(afterMs: number): void {
    clearTimeout(this.#extraLook);
    this.#extraLook = setTimeout(() => void this.#look(), afterMs);
  }

  /** It renews nothing any more. Its rules stay, and let nothing pass as soon as what was renewed last is over. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#looking);
    clearTimeout(this.#extraLook);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#flight !== null) clearTimeout(this.#flight.patience);
    this.#socket.close();
    this.#opened.resolve();
  }

  /** What is due now: a datagram, or `nft`'s ticket where the element may have ended. */
  #renew(): void {
    if (this.#closed || this.#arming || this.#flight !== null) return;
    const nowUs = monotonicUs();
    if (nowUs >= this.#aliveAtLeastUs) {
      const roomUs = this.#untilUs - Math.max(nowUs, this.#aliveAtMostUs);
      if (roomUs > usFromMs(ticketMs + (rungsMs.at(-1) ?? 0))) void this.#arm();
      return;
    }
    const rungMs = rungsMs.find((ms) => this.#aliveAtMostUs + usFromMs(ms) <= this.#untilUs);
    // A shorter life than it has already would be no renewal.
    if (rungMs !== undefined && nowUs + usFromMs(rungMs) - tickUs > this.#aliveAtLeastUs) this.#send(nowUs, rungMs);
    else this.#wait(nowUs);
  }

  #send(nowUs: MonotonicUs, rungMs: number): void {
    const secret = this.#secrets.get(rungMs);
    if (secret === undefined) throw new Error(`there is no rung of ${rungMs} ms`);
    const patience = setTimeout(
      () => void this.#giveUp("its datagrams on lo do not come back: let a local firewall accept everything on lo"),
      loopbackPatienceMs,
    );
    this.#flight = { sentUs: nowUs, rungMs, secret, patience };
    this.#socket.send(secret, this.#socket.address().port, "127.0.0.1");
  }

  #returned(payload: Buffer): void {
    const flight = this.#flight;
    if (this.#closed || flight === null || !payload.equals(flight.secret)) return;
    clearTimeout(flight.patience);
    this.#flight = null;
    const nowUs = monotonicUs();
    // Back before the element can have ended: the rule has seen it alive. Else it may have come too late to do anything.
    const isRenewed = nowUs < this.#aliveAtLeastUs;
    this.#aliveAtLeastUs = isRenewed ? flight.sentUs + usFromMs(flight.rungMs) - tickUs : 0;
    this.#aliveAtMostUs = Math.max(isRenewed ? 0 : this.#aliveAtMostUs, nowUs + usFromMs(flight.rungMs));
    if (isRenewed) this.#opened.resolve();
    this.#wait(nowUs);
  }

  /** Beats of the lease renew it by themselves; where they stay away, what is left of the lease is still used. */
  #wait(nowUs: MonotonicUs): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const leftMs = (this.#aliveAtLeastUs - dueUs - nowUs) / US_PER_MS;
    this.#timer = leftMs > 0 ? setTimeout(() => this.#renew(), leftMs) : null;
  }

  async #arm(): Promise<void> {
    this.#arming = true;
    const { port } = this.#socket.address();
    const element = `element netdev ${this.#table.name} pulse { ${port} timeout ${ticketMs}ms }`;
    const startedUs = monotonicUs();
    // One that is still there would keep its old end: it is put in anew.
    const result = await runProgram(["nft", "-f", "-"], programMs, `add ${element}\ndelete ${element}\nadd ${element}\n`);
    this.#arming = false;
    if (this.#closed) return;
    if (!result.ok) return this.#restore();
    this.#hasTicket(startedUs);
    this.#renew();
  }

  /** `nft`, which was started at this instant, has just ended. */
  #hasTicket(startedUs: MonotonicUs): void {
    this.#aliveAtLeastUs = startedUs + usFromMs(ticketMs) - tickUs;
    this.#aliveAtMostUs = Math.max(this.#aliveAtMostUs, monotonicUs() + usFromMs(ticketMs));
  }

  async #look(): Promise<void> {
    // Two at once would see the same frames, and so a stranger twice.
    if (this.#isLooking) return;
    this.#isLooking = true;
    const strangers = await takeStrangers(this.#table.name);
    this.#isLooking = false;
    if (this.#closed) return;
    if (strangers === null) await this.#restore();
    else this.#news.onLook(strangers);
  }

  /** Puts the rules back that somebody has removed. Without them datagrams came back and renewed nothing, so the account begins anew. */
  async #restore(): Promise<void> {
    const { port } = this.#socket.address();
    // Without a ticket: a datagram may be under way, which was sent by the account as it was.
    const result = await runProgram(["nft", "-f", "-"], programMs, gateRules(this.#table, { port, secrets: this.#secrets, ticketMs: 0 }));
    if (this.#closed) return deleteGate(this.#table.name);
    if (!result.ok) return this.#giveUp(result.reason);
    this.#news.onRestored();
    this.#aliveAtLeastUs = 0;
    this.#renew();
  }

  /** A gate that cannot be opened must not keep a healthy holder silent: the address then has its lifetime alone. */
  async #giveUp(reason: string): Promise<void> {
    if (this.#closed) return;
    this.close();
    this.#news.onGivenUp(reason);
    // Rules that stay keep the address silent: that is said, too.
    await deleteGate(this.#table.name).catch((error: unknown) => this.#news.onGivenUp(reasonOf(error)));
  }
}

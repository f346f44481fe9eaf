import type { FailoverSettings } from "../domain/failover/failover-settings.ts";
import { marginUs } from "../domain/failover/lease.ts";
import type { LeaseRelease, LeaseRequest, LongRequest, PeerMessage } from "../domain/failover/messages.ts";
import type { GroupName, NodeId } from "../domain/ids.ts";
import type { DurationUs, MonotonicUs } from "../domain/time.ts";
import type { CloudVoterTimings } from "../domain/witness/cloud-voter-timings.ts";
import type { CloudAnswer, CloudQuestion } from "../domain/witness/cloud-votes.ts";
import { CloudLooks, missesNode } from "./cloud-looks.ts";
import { CloudVote } from "./cloud-vote.ts";
import { witnessHeartbeat } from "./witness-heartbeat.ts";

export interface CloudVoterPorts {
  readonly nowUs: () => MonotonicUs;
  /** Calls back once at the instant or soon after it, never within this call. */
  readonly callAt: (atUs: MonotonicUs, callback: () => void) => { cancel(): void };
  /** Answered once: null where no answer came in time, and then the question may have been carried out. */
  readonly ask: (question: CloudQuestion, answered: (answer: CloudAnswer | null) => void) => void;
  /** To the core, as the witness's word. */
  readonly deliver: (message: PeerMessage) => void;
  /** Of the cluster's timing. */
  readonly heartbeatUs: () => DurationUs;
}

/**
 * The control plane's vote as one node's core sees it: a voter like any other, near enough to answer at once. A promise of the cloud lasts far longer than
 * a lease; out of it this one makes the short promises that the core asks for, to this node and to nobody else, and gives it back as soon as
 * none of them runs any more. So a slow way costs its time once, and not with every renewal.
 */
export class CloudVoter {
  readonly #witness: NodeId;
  readonly #node: NodeId;
  readonly #ports: CloudVoterPorts;
  readonly #timings: CloudVoterTimings;
  readonly #settings: Pick<FailoverSettings, "leaseMargin">;
  readonly #votes = new Map<GroupName, CloudVote>();
  #own = { incarnation: 0, sequence: 0, documentVersion: 0 };
  #actsOn = 0;
  #sequence = 0;
  #isReached = false;
  #isClosed = false;
  readonly #looks: CloudLooks;

  constructor(
    witness: NodeId,
    node: NodeId,
    ports: CloudVoterPorts,
    timings: CloudVoterTimings,
    settings: Pick<FailoverSettings, "leaseMargin">,
  ) {
    this.#witness = witness;
    this.#node = node;
    this.#ports = ports;
    this.#timings = timings;
    this.#settings = settings;
    this.#looks = new CloudLooks(ports, timings, () => this.#look());
    this.#look();
    this.#beat();
  }

  get witness(): NodeId {
    return this.#witness;
  }

  /** What the core sends to the witness. */
  take(message: PeerMessage): void {
    if (this.#isClosed) return;
    const { incarnation, sequence, documentVersion } = message;
    this.#own = { incarnation, sequence, documentVersion };
    this.#looks.doubt("document", documentVersion > this.#actsOn);
    if (message.type === "heartbeat") this.#looks.doubt("peer", missesNode(message, this.#witness, this.#ports.heartbeatUs()));
    else if (message.type === "lease-request") this.#takeRequest(message);
    else if (message.type === "lease-release") this.#takeRelease(message);
    else if (message.type === "long-request") this.#takeLongRequest(message);
  }

  /** Whether another connection to the control plane is broken: its vote may be out of reach as well. */
  wayIsDoubtful(isDoubtful: boolean): void {
    this.#looks.doubt("way", isDoubtful);
  }

  /** Says and asks nothing more; what the cloud has promised runs out by itself. */
  close(): void {
    this.#isClosed = true;
    this.#looks.close();
  }

  #vote(group: GroupName): CloudVote {
    const known = this.#votes.get(group) ?? new CloudVote();
    this.#votes.set(group, known);
    return known;
  }

  #takeRequest(request: LeaseRequest): void {
    const { nowUs } = this.#ports;
    const vote = this.#vote(request.group);
    vote.wanted = request;
    // Given back under this number: the cloud promises it no more, and an answer of before is not believed.
    if (request.epoch <= vote.freedUpTo) return this.#refused(request.group, vote, "older-epoch", request.requestId);
    this.#serve(request.group, vote);
    const isDue = vote.wanted !== null || (vote.held !== null && nowUs() - vote.held.sentUs >= this.#timings.renewAfterUs);
    if (isDue) this.#ask(request, vote);
  }

  #takeLongRequest(request: LongRequest): void {
    const vote = this.#vote(request.group);
    if (request.forUs === 0) {
      [vote.wantedLong, vote.longUntilUs] = [null, 0];
      return;
    }
    if (request.epoch <= vote.freedUpTo) return;
    vote.wantedLong = request;
    this.#serve(request.group, vote);
    if (vote.wantedLong !== null) this.#ask(request, vote);
  }

  #takeRelease({ group, epoch }: LeaseRelease): void {
    const vote = this.#vote(group);
    vote.free(epoch);
    this.#giveBack(group, vote);
  }

  /** Makes what promises the cloud's one carries. */
  #serve(group: GroupName, vote: CloudVote): void {
    const nowUs = this.#ports.nowUs();
    const { held, wanted, wantedLong } = vote;
    if (held === null) return;
    const endUs = held.sentUs + held.forUs - marginUs(held.forUs, this.#settings);
    const envelope = { from: this.#witness, incarnation: 1, documentVersion: this.#actsOn, seen: null, to: this.#node };
    if (wanted !== null && wanted.epoch === held.epoch && nowUs + wanted.leaseUs <= endUs) {
      vote.wanted = null;
      vote.promisedUntilUs = Math.max(vote.promisedUntilUs, nowUs + wanted.leaseUs);
      const { epoch, requestId, incarnation: toIncarnation } = wanted;
      this.#say(() => ({ ...envelope, type: "lease-grant", sequence: this.#next(), group, toIncarnation, epoch, requestId }));
    }
    if (wantedLong !== null && wantedLong.epoch === held.epoch && nowUs + wantedLong.forUs <= endUs) {
      vote.wantedLong = null;
      vote.longUntilUs = Math.max(vote.longUntilUs, nowUs + wantedLong.forUs);
      const { epoch, requestId, forUs, incarnation: toIncarnation } = wantedLong;
      this.#say(() => ({ ...envelope, type: "long-grant", sequence: this.#next(), group, toIncarnation, epoch, requestId, forUs }));
    }
    this.#releaseWhenUnused(group, vote);
  }

  #ask({ group, epoch, requestId, incarnation, documentVersion }: LeaseRequest | LongRequest, vote: CloudVote): void {
    const { ask, nowUs } = this.#ports;
    if (vote.askedAtUs !== null && nowUs() - vote.askedAtUs < this.#timings.askAgainAfterUs) return;
    const sentUs = vote.firstAsked(requestId, nowUs());
    if (sentUs === null) return;
    const askedAtUs = nowUs();
    vote.askedAtUs = askedAtUs;
    vote.underWay += 1;
    vote.mayHold = Math.max(vote.mayHold, epoch);
    const { forUs } = this.#timings;
    const expired = vote.expiredNumber(askedAtUs);
    ask({ type: "ask", incarnation, documentVersion, group, epoch, requestId, forUs, expired }, (answer) => {
      vote.underWay -= 1;
      if (vote.askedAtUs === askedAtUs) vote.askedAtUs = null;
      if (this.#isClosed) return;
      this.#heard(answer);
      const verdict = answer?.verdict ?? null;
      if (verdict?.granted === true) this.#granted(group, vote, { epoch, sentUs, forUs });
      else if (verdict !== null) this.#refused(group, vote, verdict.reason, requestId);
      this.#giveBack(group, vote);
    });
  }

  #granted(
    group: GroupName,
    vote: CloudVote,
    held: { readonly epoch: number; readonly sentUs: MonotonicUs; readonly forUs: DurationUs },
  ): void {
    // Granted before it was given back, and heard after.
    if (held.epoch <= vote.freedUpTo) return;
    if (vote.held === null || held.epoch > vote.held.epoch || held.sentUs > vote.held.sentUs) vote.held = held;
    this.#serve(group, vote);
  }

  #refused(
    group: GroupName,
    vote: CloudVote,
    word: Extract<CloudAnswer["verdict"], { granted: false }>["reason"],
    requestId: number,
  ): void {
    const { wanted } = vote;
    if (word === "superseded" || wanted === null) return;
    vote.wanted = null;
    const { observed } = vote;
    const remainingUs = Math.max(0, vote.observedUntilUs() - this.#ports.nowUs());
    const holder = word === "held-by-another" ? (observed?.to ?? null) : null;
    this.#say(() => ({
      type: "lease-refusal",
      from: this.#witness,
      incarnation: 1,
      sequence: this.#next(),
      documentVersion: this.#actsOn,
      group,
      to: this.#node,
      requestId,
      reason: word,
      epoch: Math.max(vote.epoch, vote.freedUpTo),
      holder,
      remainingUs: word === "held-by-another" ? remainingUs : 0,
    }));
  }

  /** At the end of the last promise that was made out of it: nobody counts on it any more, and another node may need it. */
  #releaseWhenUnused(group: GroupName, vote: CloudVote): void {
    if (vote.mayHold <= vote.freedUpTo || vote.isReleaseTimed) return;
    vote.isReleaseTimed = true;
    this.#ports.callAt(Math.max(vote.usedUntilUs(), this.#ports.nowUs()) + this.#timings.askAgainAfterUs, () => {
      vote.isReleaseTimed = false;
      if (this.#isClosed) return;
      if (this.#ports.nowUs() < vote.usedUntilUs() || vote.underWay > 0) return this.#releaseWhenUnused(group, vote);
      vote.free(vote.mayHold);
      this.#giveBack(group, vote);
    });
  }

  /** What is not believed any more, until the cloud has it: an ask that is still under way may arrive later than this. */
  #giveBack(group: GroupName, vote: CloudVote): void {
    if (this.#isClosed || vote.isReleasing || vote.mayHold === 0 || vote.mayHold > vote.freedUpTo) return;
    vote.isReleasing = true;
    const epoch = vote.freedUpTo;
    this.#ports.ask({ type: "release", incarnation: this.#own.incarnation, group, epoch }, (answer) => {
      vote.isReleasing = false;
      if (answer !== null && vote.underWay === 0 && vote.mayHold <= epoch) vote.mayHold = 0;
      if (this.#isClosed) return;
      this.#heard(answer);
      this.#ports.callAt(this.#ports.nowUs() + this.#timings.lookAgainUs, () => this.#giveBack(group, vote));
    });
  }

  #look(): void {
    this.#ports.ask({ type: "look" }, (answer) => {
      if (this.#isClosed) return;
      this.#heard(answer);
      this.#looks.answered();
    });
  }

  #heard(answer: CloudAnswer | null): void {
    this.#isReached = answer !== null;
    this.#looks.doubt("unanswered", answer === null);
    if (answer === null) return;
    this.#actsOn = Math.max(this.#actsOn, answer.documentVersion);
    this.#looks.doubt("document", this.#own.documentVersion > this.#actsOn);
    const nowUs = this.#ports.nowUs();
    for (const promise of answer.promises) {
      const vote = this.#vote(promise.group);
      vote.sees(promise, this.#node, this.#own.incarnation, nowUs);
      this.#tellExpiry(promise.group, vote);
      this.#releaseWhenUnused(promise.group, vote);
      this.#giveBack(promise.group, vote);
    }
    const isPromised = [...this.#votes.values()].some(({ observed }) => observed !== null);
    this.#looks.doubt("promise", isPromised);
  }

  /** So that what a dead node was promised binds nobody for longer than it must. */
  #tellExpiry(group: GroupName, vote: CloudVote): void {
    const number = vote.expiredNumber(this.#ports.nowUs());
    if (number === null || vote.underWay > 0 || vote.toldExpired === number) return;
    vote.toldExpired = number;
    this.#ports.ask({ type: "expire", group, number }, (answer) => {
      if (answer === null) vote.toldExpired = null;
      if (!this.#isClosed) this.#heard(answer);
    });
  }

  /** As long as the cloud answers, with what it has promised to others. */
  #beat(): void {
    if (this.#isClosed) return;
    if (this.#isReached && this.#own.incarnation > 0) {
      const voter = { witness: this.#witness, sequence: this.#next(), documentVersion: this.#actsOn };
      this.#ports.deliver(witnessHeartbeat(voter, { nodeId: this.#node, ...this.#own }, this.#votes, this.#ports.nowUs()));
    }
    this.#ports.callAt(this.#ports.nowUs() + this.#ports.heartbeatUs(), () => this.#beat());
  }

  /** Never from within what the core is doing. */
  #say(message: () => PeerMessage): void {
    this.#ports.callAt(this.#ports.nowUs(), () => {
      if (!this.#isClosed) this.#ports.deliver(message());
    });
  }

  /** Higher than whatever was said before, by a voter of an earlier run as well. */
  #next(): number {
    this.#sequence = Math.max(this.#sequence + 1, Math.floor(this.#ports.nowUs()));
    return this.#sequence;
  }
}

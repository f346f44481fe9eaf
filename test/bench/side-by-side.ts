import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { LabSite } from "../lab/lab-site.ts";
import { isInstalled } from "../lab/requirements.ts";
import type { Peer, PlannedScenario } from "./bench-plan.ts";
import { type BenchRow, benchRow } from "./bench-row.ts";
import type { Contender, Sample } from "./contender.ts";
import { KeepalivedContender } from "./keepalived-contender.ts";
import { OurContender } from "./our-contender.ts";
import { SharedPace } from "./pace.ts";

/** Our cluster and the peers in one lab, sampled at the same moments. */
export class SideBySide {
  readonly #site: LabSite;
  readonly #profile: TimingProfileName;
  readonly #ours: Contender;
  readonly #peers = new Map<number, Contender>();

  constructor(site: LabSite, profile: TimingProfileName) {
    this.#site = site;
    this.#profile = profile;
    this.#ours = new OurContender(site);
  }

  /** One row for each peer, all with the same samples of ours. `onSample`: told how many every contender has taken. */
  async rows({ scenario, samples: count, peers }: PlannedScenario, onSample: (taken: number) => void): Promise<BenchRow[]> {
    const contenders = [this.#ours];
    if (isInstalled("keepalived")) for (const peer of peers) contenders.push(await this.#peer(peer));
    const pace = new SharedPace(contenders.length, this.#site, scenario);
    const taken = contenders.map((): Sample[] => []);
    // Each goes on to its next sample by itself: one may settle while another still recovers.
    await Promise.all(
      contenders.map(async (contender, index) => {
        const own = taken[index] ?? [];
        while (own.length < count) {
          own.push(await contender.sample(scenario, pace));
          if (taken.every(({ length }) => length >= own.length)) onSample(own.length);
        }
      }),
    );
    const [ours = [], ...theirs] = taken;
    return peers.map(({ advertSeconds }, index) =>
      benchRow({ scenario, profile: this.#profile, peer: `keepalived ${advertSeconds} s` }, ours, theirs[index] ?? null),
    );
  }

  /** Made when it is first needed: until then its client and its watch post cost nothing. */
  async #peer({ advertSeconds }: Peer): Promise<Contender> {
    const known = this.#peers.get(advertSeconds);
    if (known !== undefined) return known;
    const peer = await KeepalivedContender.create(this.#site, { advertSeconds, number: this.#peers.size + 1 });
    this.#peers.set(advertSeconds, peer);
    return peer;
  }
}

import type { GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { gatewayId, shortName } from "./cluster.ts";
import { loseForGood } from "./connected-core.ts";
import type { Host } from "./host.ts";
import { forgetsBinding, snapshotOf } from "./snapshot.ts";
import { type FaultClass, faultClasses } from "./swarm.ts";
import type { World } from "./world.ts";

/** What one fault does, and after how long it is over. Each draws from a stream of its own: one that is left out does not reshuffle the others. */
type Fault = (world: World, random: SeededRandom, forUs: number) => void;

const faults: Partial<Record<FaultClass, Fault>> = {
  partition: (world, random, forUs) => {
    const side = new Set(world.everyone.filter(() => random.chance(0.5)));
    const pairs = world.everyone.flatMap((one) =>
      world.everyone.filter((other) => side.has(one) !== side.has(other)).map((other) => [one, other] as const),
    );
    cut(world, pairs, forUs, `partition: ${[...side].map((host) => shortName(host.id)).join("") || "nobody"} against the rest`);
  },
  isolate: (world, random, forUs) => {
    const alone = random.pick(world.everyone);
    const others = world.everyone.filter((host) => host !== alone);
    const pairs = others.flatMap((other) => [[alone, other] as const, [other, alone] as const]);
    // Where it matters: its own cable, a firewall, or something between the nodes.
    const how = world.options.whenAlone === "probe" ? random.pick(["cable", "firewall", "link"] as const) : "link";
    if (how === "firewall") return filter(world, pairs, forUs, `${shortName(alone.id)} is behind a firewall`);
    if (how === "cable") cutFromGateway(world, [alone], forUs);
    cut(world, pairs, forUs, `${shortName(alone.id)} is cut off`);
  },
  gateway: (world, random, forUs) => cutFromGateway(world, random.chance(0.5) ? world.hosts : [random.pick(world.hosts)], forUs),
  "one-way": (world, random, forUs) => {
    const from = random.pick(world.everyone);
    const to = random.chance(0.5) ? world.everyone.filter((host) => host !== from) : [random.pick(world.everyone)];
    const isDeaf = random.chance(0.5);
    const pairs = to.filter((host) => host !== from).map((host) => (isDeaf ? ([host, from] as const) : ([from, host] as const)));
    cut(
      world,
      pairs,
      forUs,
      `${shortName(from.id)} is ${isDeaf ? "deaf" : "mute"} towards ${to.map((host) => shortName(host.id)).join("")}`,
    );
  },
  "path-cut": (world, random, forUs) => {
    const path = random.pick(world.network.paths);
    // A switch dies, one machine's card does, or what one of two sends is lost on the way.
    const one = random.pick(world.hosts);
    const reach = random.pick(["network", "card", "one-way"] as const);
    const pairs = world.hosts.flatMap((from) => world.hosts.filter((to) => to !== from).map((to) => [from, to] as const));
    const hit = pairs.filter(([from, to]) => reach === "network" || from === one || (reach === "card" && to === one));
    cutPath(world, hit, path, forUs, `path ${path} is cut (${reach}${reach === "network" ? "" : ` of ${shortName(one.id)}`})`);
  },
  crash: (world, random, forUs) => {
    const host = random.pick(world.everyone);
    world.log(host, "is killed");
    host.crash(world.guardianOutlives());
    world.queue.at(world.nowUs + forUs, () => host.start());
  },
  power: (world, random, forUs) => {
    const all = random.chance(0.2);
    for (const host of all ? world.everyone : [random.pick(world.everyone)]) {
      world.log(host, "loses power");
      host.losePower();
      world.queue.at(world.nowUs + Math.round(forUs * (0.5 + random.fraction())), () => host.start());
    }
  },
  restart: (world, random) => {
    const host = random.pick(world.everyone);
    world.log(host, "is told to stop");
    host.take({ type: "shutdown", reason: "restart" });
  },
  detach: (world, random) => {
    // The holder, mostly: a standby has little to leave.
    const holder = world.holderOf(random.pick(world.groupNames));
    const host = holder !== undefined && random.chance(0.8) ? holder : random.pick(world.hosts);
    const [comesSoon, backUs] = [random.chance(0.6), random.between(10_000, 1_500_000)];
    const [isGuardianLost, lostUs, lateUs] = [random.chance(0.15), random.between(0, 8_000_000), random.between(0, 20_000_000)];
    world.log(host, "is asked to leave its resources for a while");
    host.take({ type: "detach" });
    const awaitLeaving = (): void => {
      // One that is paused hears of it when it goes on.
      const isLeaving = host.process === "paused" || (host.process === "running" && host.state?.detaching !== null);
      if (isLeaving) return world.queue.at(world.nowUs + 20_000, awaitLeaving);
      if (!host.guardian.isWaiting) return;
      world.queue.at(world.nowUs + (comesSoon || world.isHealed ? backUs : lateUs), () => host.start());
      if (!isGuardianLost) return;
      world.queue.at(world.nowUs + lostUs, () => {
        if (!host.guardian.isWaiting) return;
        world.log(host, "its guardian is killed as well");
        host.guardian.die();
      });
    };
    awaitLeaving();
  },
  pause: (world, random, forUs) => {
    const host = random.pick(world.everyone);
    world.log(host, `is stopped for ${Math.round(forUs / 1_000)} ms`);
    host.pause();
    world.queue.at(world.nowUs + forUs, () => host.resume());
  },
  "machine-pause": (world, random, forUs) => {
    // The holder, mostly, or whoever is about to be: voters that stand still promise for longer, which is harmless.
    const group = random.pick(world.groupNames);
    const asking = world.hosts.find(({ state }) => state?.groups[group]?.state === "asking");
    const host = random.chance(0.7) ? (asking ?? world.holderOf(group) ?? random.pick(world.hosts)) : random.pick(world.everyone);
    const keepsMessages = random.chance(0.3);
    if (host.process !== "running") return;
    world.log(host, `its whole machine stands still for ${Math.round(forUs / 1_000)} ms`);
    host.standStill();
    world.queue.at(world.nowUs + forUs, () => {
      if (host.machine.isStill) world.log(host, "its machine goes on as if no time had passed");
      host.goOn(keepsMessages);
    });
  },
  guardian: (world, random, forUs) => {
    // Of a holder, mostly: elsewhere it has nothing to keep.
    const holder = world.holderOf(random.pick(world.groupNames));
    const host = holder !== undefined && random.chance(0.8) ? holder : random.pick(world.hosts);
    const [hangs, diesToo, laterUs] = [random.chance(0.3), random.chance(0.3), random.between(0, 40_000)];
    if (host.process === "down" || !host.beside.isWell) return;
    world.log(host, hangs ? "its guardian hangs" : "its guardian is killed");
    if (hangs) host.beside.hang();
    else host.beside.kill();
    if (!diesToo) return;
    world.queue.at(world.nowUs + laterUs, () => {
      world.log(host, "is killed as well");
      host.crash(true);
      world.queue.at(world.nowUs + forUs, () => host.start());
    });
  },
  health: (world, random, forUs) => {
    const host = random.pick(world.hosts);
    const groups = random.chance(0.5) ? world.groupNames : [random.pick(world.groupNames)];
    setProblem(world, host, groups, "its health check fails");
    world.queue.at(world.nowUs + forUs, () => setProblem(world, host, groups, null));
  },
  rewind: (world, random, forUs) => {
    const host = random.pick(world.everyone);
    const snapshot = snapshotOf(host);
    const withMemory = random.chance(0.5);
    if (snapshot === null || world.isRewinding) return;
    // One at a time: two voters that have both forgotten are beyond what a majority can mend.
    world.isRewinding = true;
    world.queue.at(world.nowUs + forUs, () => {
      // With a third voter since, which cannot know of it, a node that has forgotten to whom it was bound is beyond what a majority can mend.
      const forgetsTooMuch = world.options.on.has("membership") && forgetsBinding(snapshot, host.id, host.disk.record);
      if (!forgetsTooMuch)
        world.log(host, `is put back by ${Math.round(forUs / 1_000)} ms ${withMemory ? "with its memory" : "with its disk alone"}`);
      if (!world.isHealed && !forgetsTooMuch) host.restore(snapshot, withMemory, true);
      // And two long promises are forgotten until they would have run out.
      world.queue.at(world.nowUs + 8_000_000 + (world.options.on.has("detach") ? 15_000_000 : 0), () => (world.isRewinding = false));
    });
  },
  disk: (world, random, forUs) => {
    const host = random.pick(world.everyone);
    const trouble = random.pick(["full", "hangs"] as const);
    world.log(host, `its disk ${trouble === "full" ? "is full" : "hangs"} for ${Math.round(forUs / 1_000)} ms`);
    host.disk.fall(trouble);
    world.changed();
    world.queue.at(world.nowUs + forUs, () => {
      host.disk.mend();
      world.changed();
    });
  },
  names: (world, random, forUs) => {
    if (world.names === null) return;
    const server = random.pick(world.names.servers);
    server.trouble = random.pick(["down", "slow"] as const);
    world.log(null, `DNS server ${server.host} is ${server.trouble} for ${Math.round(forUs / 1_000)} ms`);
    world.queue.at(world.nowUs + forUs, () => server.mend());
  },
  switchover: (world, random) => {
    const group = random.pick(world.groupNames);
    const to = random.chance(0.5) ? null : random.pick(world.hosts).id;
    world.holderOf(group)?.take({ type: "switchover", group, to, reason: "an operator asked for it" });
  },
};

/** Draws faults of every class that is on, until the healing; `only`: carries out these alone. */
export function scheduleFaults(world: World, only: ReadonlySet<string> | null): void {
  for (const name of faultClasses) {
    const fault = faults[name];
    if (fault === undefined || !world.options.on.has(name)) continue;
    const random = new SeededRandom(world.options.seed, `fault ${name}`);
    const { seed, faultEveryUs, healAtUs, timing } = world.options;
    let count = 0;
    for (let atUs = random.exponential(faultEveryUs); atUs < healAtUs; atUs += random.exponential(faultEveryUs)) {
      const forUs = Math.round(random.pick([0.2, 0.7, 1.1, 2, 6]) * timing.leaseMs * 1_000 * (0.5 + random.fraction()));
      const id = `${name} ${count}`;
      count += 1;
      if (only !== null && !only.has(id)) continue;
      world.queue.at(Math.round(atUs), () => {
        world.faultIds.push(id);
        fault(world, new SeededRandom(seed, `fault ${id}`), forUs);
      });
    }
  }
}

/** Ends every fault, and starts what is down; but what is lost for good. */
export function heal(world: World, document: ClusterDocument): void {
  world.log(null, "everything is healed");
  world.isHealed = true;
  world.network.heal();
  for (const server of world.names?.servers ?? []) server.mend();
  world.lost = loseForGood(world, document);
  world.changed();
  for (const host of world.everyone) {
    host.goOn(true);
    host.resume();
    host.disk.mend();
    if (!world.lost.has(host)) host.start();
    setProblem(world, host, world.groupNames, null);
  }
}

function setProblem(world: World, host: Host, groups: readonly GroupName[], problem: string | null): void {
  const changed = groups.filter((group) => (host.problems.get(group) ?? null) !== problem);
  if (changed.length === 0) return;
  for (const group of changed) {
    if (problem === null) host.problems.delete(group);
    else host.problems.set(group, problem);
  }
  world.changed();
  world.log(host, problem ?? "is well again");
  host.tellStatus();
}

function cut(world: World, pairs: readonly (readonly [Host, Host])[], forUs: number, what: string): void {
  const { network } = world;
  forAWhile(world, forUs, what, [
    () => each(pairs, (from, to) => network.cut(from, to)),
    () => each(pairs, (from, to) => network.mend(from, to)),
  ]);
}

function filter(world: World, pairs: readonly (readonly [Host, Host])[], forUs: number, what: string): void {
  const { network } = world;
  forAWhile(world, forUs, what, [
    () => each(pairs, (from, to) => network.filter(from, to)),
    () => each(pairs, (from, to) => network.unfilter(from, to)),
  ]);
}

function cutFromGateway(world: World, hosts: readonly Host[], forUs: number): void {
  const { network } = world;
  forAWhile(world, forUs, `no gateway for ${hosts.map(({ id }) => shortName(id)).join("")}`, [
    () => hosts.forEach(({ id }) => network.cut(id, gatewayId)),
    () => hosts.forEach(({ id }) => network.mend(id, gatewayId)),
  ]);
}

function each(pairs: readonly (readonly [Host, Host])[], of: (from: NodeId, to: NodeId) => void): void {
  for (const [from, to] of pairs) of(from.id, to.id);
}

/** Who can talk to whom is another matter from now on, and again when it is over. */
function forAWhile(world: World, forUs: number, what: string, [begin, end]: readonly [() => void, () => void]): void {
  world.log(null, `${what} for ${Math.round(forUs / 1_000)} ms`);
  begin();
  world.changed();
  world.queue.at(world.nowUs + forUs, () => {
    end();
    world.changed();
  });
}

/** As long as another path is left, this is no change of who can talk to whom: whatever moves for it moves without need (L2). */
function cutPath(world: World, pairs: readonly (readonly [Host, Host])[], path: PathName, forUs: number, what: string): void {
  world.log(null, `${what} for ${Math.round(forUs / 1_000)} ms`);
  const change = (of: (from: NodeId, to: NodeId) => void): void => {
    const talking = (): number => pairs.filter(([from, to]) => world.network.wayFrom(from.id, to.id) !== undefined).length;
    const before = talking();
    each(pairs, of);
    if (talking() !== before) world.changed();
  };
  change((from, to) => world.network.cutPath(from, to, path));
  world.queue.at(world.nowUs + forUs, () => change((from, to) => world.network.mendPath(from, to, path)));
}

import type { Scenario } from "../scenario.ts";

export const bootedApart: Scenario = {
  name: "booted-apart",
  about:
    "Every machine loses its power, and they boot cut off from each other; none runs the group, and one does when they see each other again.",
  strike: async ({ hosts, network }) => {
    await Promise.all(hosts.map((host) => host.losePower()));
    await network.healAll();
    for (const one of hosts) for (const other of hosts) if (one !== other) await network.drop(one.port.name, other.port.name);
    await Promise.all(hosts.map((host) => host.powerOn()));
    return () => network.healAll();
  },
  watchedMs: 6_000,
  expects: { holder: "nobody", told: ["agent.started", "group.takeover"], silenceMsMax: 0, silenceAfterHealMsMax: 5_000 },
};

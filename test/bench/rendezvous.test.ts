import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Rendezvous } from "./rendezvous.ts";

it("a rendezvous: nobody goes on before all are there, and what is done then is done before, each time anew", async () => {
  const seen: string[] = [];
  const meeting = new Rendezvous(2, async () => {
    await sleep(0);
    seen.push("all there");
  });
  const party = async (name: string): Promise<void> => {
    for (const time of [1, 2]) {
      seen.push(`${name} arrives ${time}`);
      await meeting.arrive();
      seen.push(`${name} goes on ${time}`);
    }
  };
  const first = party("a");
  await sleep(0);
  expect(seen).toEqual(["a arrives 1"]);
  await Promise.all([first, party("b")]);
  expect(seen.slice(1, 3)).toEqual(["b arrives 1", "all there"]);
  expect(seen.filter((what) => what === "all there")).toHaveLength(2);
  const second = seen.lastIndexOf("all there");
  expect(seen.slice(second + 1).toSorted()).toEqual(["a goes on 2", "b goes on 2"]);
});

it("a rendezvous whose work fails: every party is told", async () => {
  const meeting = new Rendezvous(2, () => Promise.reject(new Error("no load")));
  const told = await Promise.allSettled([meeting.arrive(), meeting.arrive()]);
  expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

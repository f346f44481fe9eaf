import { expect, test } from "vitest";
import { type SetAsideEvent, SetAsideNews } from "../../../agent/files/set-aside-news.ts";

function lineOf(path: string) {
  return { at: "2026-01-01T00:00:00.000Z", path, reason: "changed", keptAs: `.understudy/conflicts/1/${path}` };
}

test("what is set aside at once is one event that names the first paths; what follows within a minute waits for the next one", () => {
  const told: SetAsideEvent[] = [];
  const news = new SetAsideNews((event) => told.push(event));
  expect(news.tell(0)).toBeUndefined();
  for (let index = 0; index < 300; index += 1) news.add(lineOf(`file-${index}`));
  expect(news.tell(1_000)).toBeUndefined();
  expect(told).toEqual([{ paths: 300, first: ["file-0", "file-1", "file-2", "file-3", "file-4"] }]);
  news.add(lineOf("later"));
  expect(news.tell(2_000)).toBe(59_000);
  expect(told).toHaveLength(1);
  expect(news.tell(61_000)).toBeUndefined();
  expect(told[1]).toEqual({ paths: 1, first: ["later"] });
  expect(news.count).toBe(301);
  expect(news.latest).toHaveLength(100);
  expect(news.latest[0]).toMatchObject({ path: "later" });
});

test("a hostile name fools no reader, and makes no event too long", () => {
  const told: SetAsideEvent[] = [];
  const news = new SetAsideNews((event) => told.push(event));
  news.add(lineOf(`\u001b[2J\n${"\u0001".repeat(500)}`));
  news.tell(0);
  expect(told[0]?.first[0]).toMatch(/^[\u0020-\u007e]{1,200}$/);
});

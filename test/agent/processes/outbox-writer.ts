import { Outbox } from "../../../agent/cloud/outbox.ts";
import { testEvent } from "./test-event.ts";

/* Adds events and removes old ones as fast as it can until it is killed; reports over IPC what is certainly on disk. */
const [path = ""] = process.argv.slice(2);
const outbox = await Outbox.open({
  path,
  eventsMax: 10_000,
  overflowEvent: (dropped) => testEvent(`overflow-${dropped}`),
  onTrouble: () => {},
});
for (let round = 0; ; round += 1) {
  const added = [0, 1, 2, 3].map((index) => `event-${round}-${index}`);
  for (const id of added) outbox.add(testEvent(id));
  const removed = round % 3 === 2 ? [`event-${round - 1}-0`] : [];
  // Told before: from here on it may be gone.
  process.send?.({ added: [], removed });
  outbox.remove(removed);
  await outbox.written();
  process.send?.({ added, removed: [] });
}

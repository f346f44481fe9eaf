/** Works on all items, so many at the same time. Rejects with the first failure; what is under way then goes on. */
export async function sideBySide<Item>(items: Iterable<Item>, atOnceMax: number, work: (item: Item) => Promise<void>): Promise<void> {
  const next = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let step = next.next(); !step.done; step = next.next()) await work(step.value);
  };
  await Promise.all(Array.from({ length: atOnceMax }, worker));
}

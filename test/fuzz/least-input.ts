const triesMax = 2_000;

/** The input with all left out that can be, by ever smaller pieces, as long as `isSame` holds of what is left. */
export async function leastInput(input: Uint8Array, isSame: (smaller: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let least = input;
  let tries = 0;
  for (let size = Math.ceil(least.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < least.length && tries < triesMax; tries += 1) {
      const smaller = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
      if (await isSame(smaller)) least = smaller;
      else at += size;
    }
  }
  return least;
}

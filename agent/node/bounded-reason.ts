/** Alone in its cluster a reason may be this long; peers refuse a message with a longer one than 1,000 characters. */
const reasonBytesMost = 600;
/** With as many groups or data sets as there may be, each has this much, so that a heartbeat with a reason in every place fits its message. */
const reasonBytesLeast = 160;
const omission = " ... ";

/** How long a reason may be that every heartbeat carries for each of `count` things, of which there may be `countMax`. */
export function reasonBytesMax(count: number, countMax: number): number {
  return Math.min(reasonBytesMost, Math.floor((reasonBytesLeast * countMax) / Math.max(1, count)));
}

/**
 * Beginning and end of a reason, in at most so many bytes of UTF-8: the beginning says what happened, the end has a command's last
 * words. For heartbeats only; the log and the events have the whole.
 */
export function boundedReason(reason: string, bytesMax: number): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= bytesMax) return reason;
  const half = Math.floor((bytesMax - omission.length) / 2);
  // A character that was cut in two is left out.
  const beginning = bytes
    .subarray(0, half)
    .toString()
    .replace(/\uFFFD+$/, "");
  const end = bytes
    .subarray(-half)
    .toString()
    .replace(/^\uFFFD+/, "");
  return `${beginning}${omission}${end}`;
}

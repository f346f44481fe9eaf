/** What a failed step means for its data set. */
export interface SqliteProblem {
  /** `wait`: tried again, and likely to pass by itself. `refuse`: somebody has to act; tried again now and then. */
  readonly outlook: "wait" | "refuse";
  /** Cause and next step, for a person. */
  readonly message: string;
}

/** Raised where the data set, as it stands, cannot be replicated; the message names the cause and the next step. */
export class DataSetRefused extends Error {}

/** This node's own writes come first, slice by slice: to be tried again soon. */
export class OwnWritesOwed extends Error {}

/** The agent has had the file for long enough: to be tried again in a moment. */
export class LeftToApplication extends Error {
  constructor() {
    super("it is left to its application for a moment");
  }
}

const codes: Readonly<Record<number, (path: string) => SqliteProblem>> = {
  5: (path) => ({
    outlook: "wait",
    message: `${path} is locked by another process; tried again all the time. If it lasts, look for a long transaction: fuser ${path}`,
  }),
  6: (path) => ({ outlook: "wait", message: `a table of ${path} is locked; tried again all the time` }),
  8: (path) => ({
    outlook: "refuse",
    message: `${path} is read-only for the agent: give its user the right to write the file and its folder`,
  }),
  10: (path) => ({ outlook: "wait", message: `the disk failed while reading or writing ${path}: check the disk and the kernel log` }),
  11: (path) => ({
    outlook: "refuse",
    message: `${path} is damaged (SQLite: malformed): move it away, and this node takes a fresh copy from another`,
  }),
  13: (path) => ({ outlook: "wait", message: `the disk that holds ${path} is full: free space; replication goes on by itself` }),
  14: (path) => ({
    outlook: "wait",
    message: `${path} cannot be opened: check that it exists and that the agent's user may read and write it`,
  }),
  23: (path) => ({ outlook: "refuse", message: `access to ${path} was denied: check the agent's rights` }),
  26: (path) => ({
    outlook: "refuse",
    message: `${path} is not an SQLite database: correct the data set's path in this node's settings, or move the file away`,
  }),
};

export function problemOf(error: unknown, path: string): SqliteProblem {
  if (isOurPace(error)) return { outlook: "wait", message: `${path}: ${error.message}` };
  if (error instanceof DataSetRefused) return { outlook: "refuse", message: error.message };
  // The agent's own files, as the spool: their errors are the operating system's, not SQLite's.
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return { outlook: "wait", message: `a disk is full (${error.message}): free space; replication of ${path} goes on by itself` };
  }
  const code = isNoRoomForSharedMemory(error) ? 13 : sqliteCodeOf(error);
  const known = code === undefined ? undefined : codes[code];
  if (known !== undefined) return known(path);
  const text = error instanceof Error ? error.message : String(error);
  if (/no such collation sequence|no such function|no such module/.test(text)) {
    return {
      outlook: "refuse",
      message: `${path} needs something that only its application defines (${text}): declare the table that uses it \`local\``,
    };
  }
  return { outlook: "wait", message: `${path}: ${text}; tried again all the time` };
}

/** Somebody else has the file, or is given it first: it passes by itself, and soon. */
export function isLocked(error: unknown): boolean {
  if (isOurPace(error)) return true;
  const code = sqliteCodeOf(error);
  return code === 5 || code === 6;
}

/** No other process stands in the way, but an order of our own. */
function isOurPace(error: unknown): error is OwnWritesOwed | LeftToApplication {
  return error instanceof OwnWritesOwed || error instanceof LeftToApplication;
}

/** The file is no sound database. */
export function isCorrupt(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === 11 || code === 26;
}

/** SQLITE_IOERR_SHMSIZE: a database with a write-ahead log needs a little file beside it, for which a full disk has no room. */
function isNoRoomForSharedMemory(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 4_874;
}

/** The disk is, or the file has all the pages that it may have. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCodeOf(error) === 13;
}

function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  // Extended codes carry the primary one in their low byte.
  return error.errcode & 0xff;
}

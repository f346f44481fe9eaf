import type { Judgement, PreflightCheck } from "./preflight-check.ts";
import type { DatabaseFact, DiskFact } from "./preflight-facts.ts";
import { preflightThresholds } from "./preflight-thresholds.ts";

const { freeBytesFail, freeBytesWarn, freePerDatabaseByte } = preflightThresholds;
const mebibyte = 1_048_576;

/** Locks and syncs of these cannot be relied on, and they hang with their server. */
const networkFileSystems: ReadonlySet<string> = new Set([
  "nfs",
  "nfs4",
  "cifs",
  "smb3",
  "smbfs",
  "ncpfs",
  "afs",
  "coda",
  "ceph",
  "lustre",
  "beegfs",
  "fuse.sshfs",
  "fuse.glusterfs",
  "fuse.ceph",
  "fuse.s3fs",
]);
/** Gone with the machine's next start. */
const passingFileSystems: ReadonlySet<string> = new Set(["tmpfs", "ramfs"]);

/** Where the agent's own files and the application's data lie. */
export const dataChecks: readonly PreflightCheck[] = [
  {
    id: "data-directory",
    looksAt: "`dataDir`: whether the agent's user can write there, or make it",
    warns: null,
    fails: "it cannot",
    nextStep: "Name a directory on a local disk that the agent's user may write, in the setting dataDir.",
    judge: ({ dataDirectory }) =>
      "value" in dataDirectory
        ? [{ outcome: "ok", seen: `${dataDirectory.value.path} ${dataDirectory.value.isThere ? "can be written" : "can be made"}` }]
        : [{ outcome: "fail", seen: dataDirectory.problem }],
  },
  {
    id: "local-disk",
    looksAt: "the file systems of `dataDir` and of every data set",
    warns: "one is in memory, and gone with the next start of the machine",
    fails: "one is on the network: SQLite's locks do not hold there, and it hangs with its server",
    nextStep: "Move it to a local disk, and name that in the setting.",
    judge: ({ disks }) => disks.map(judgeFileSystem),
  },
  {
    id: "disk-space",
    looksAt: "free space on the disks of `dataDir` and of every data set",
    warns: `less than ${freeBytesWarn / mebibyte} MiB, or less than ${freePerDatabaseByte} times the database that is there: a copy of it comes in beside it`,
    fails: `less than ${freeBytesFail / mebibyte} MiB`,
    nextStep: "Free space on that disk, or use a larger one.",
    judge: ({ disks }) => disks.map(judgeSpace),
  },
  {
    id: "databases",
    looksAt:
      "every data set's file, opened as its owner by a process of its own: whether it is a database, and its tables can be replicated",
    warns:
      "its folder is not there, or another process keeps it locked; a table cannot be replicated, and nobody has declared it `local` yet",
    fails: "it cannot be read or is no database; a table cannot be replicated although the cluster document says which are `local`",
    nextStep: "Mend or move away what it names; give the table a primary key, or declare it `local` in the data set.",
    judge: ({ databases }) => databases.map(judgeDatabase),
  },
];

function judgeFileSystem({ setting, path, seen }: DiskFact): Judgement {
  if ("problem" in seen) return { outcome: "warn", subject: setting, seen: `${path}: ${seen.problem}` };
  const { fileSystem, mountPoint } = seen.value;
  const outcome = networkFileSystems.has(fileSystem) ? "fail" : passingFileSystems.has(fileSystem) ? "warn" : "ok";
  return { outcome, subject: setting, seen: `${path} is on ${fileSystem} (${mountPoint})` };
}

function judgeSpace({ setting, path, seen, databaseBytes }: DiskFact): Judgement {
  if ("problem" in seen) return { outcome: "warn", subject: setting, seen: `${path}: ${seen.problem}` };
  const { freeBytes } = seen.value;
  const wanted = Math.max(freeBytesWarn, freePerDatabaseByte * databaseBytes);
  const outcome = freeBytes < freeBytesFail ? "fail" : freeBytes < wanted ? "warn" : "ok";
  const beside = databaseBytes === 0 ? "" : `, beside a database of ${mebibytes(databaseBytes)}`;
  return { outcome, subject: setting, seen: `${mebibytes(freeBytes)} free at ${path}${beside}` };
}

function mebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(bytes < 10 * mebibyte ? 1 : 0)} MiB`;
}

function judgeDatabase({ dataSet, path, found }: DatabaseFact): Judgement {
  const of = (outcome: Judgement["outcome"], seen: string): Judgement => ({ outcome, subject: dataSet, seen });
  switch (found.kind) {
    case "none":
      return found.hasFolder
        ? of("ok", `${path} is not there: it comes from the other nodes`)
        : of("warn", `the folder of ${path} is not there`);
    case "folder":
      return of("ok", `${path} is a folder, for a data set of files`);
    case "busy":
      return of("warn", `${path} was locked by another process for all the while`);
    case "unreadable":
      return of("fail", found.problem);
    case "database": {
      const { tables, problems, isDeclared } = found;
      if (problems.length > 0) return of(isDeclared ? "fail" : "warn", `${path}: ${problems.join("; ")}`);
      return of("ok", `${path} has ${tables} ${tables === 1 ? "table" : "tables"} that can be replicated`);
    }
  }
}

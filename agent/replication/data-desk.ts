import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataAnswer, DataRequest, JoinBackup } from "./data-request.ts";
import { requireSpace } from "./free-space.ts";
import { joinBackups, savedAtOf } from "./join-backups.ts";
import type { KnownDataSet } from "./known-data-set.ts";
import { onSnapshotThread, type SnapshotJob } from "./snapshot-work.ts";
import { isLocked, problemOf } from "./sqlite-problem.ts";
import type { UndoneJoins } from "./undone-joins.ts";

/** An application that holds its lock for longer is told of, and nothing is done. */
const lockPatienceMs = 4_000;
const lookAgainMs = 100;

export interface DataDeskParts {
  readonly dataSets: () => readonly KnownDataSet[];
  readonly undone: UndoneJoins;
  /** A data set is to be followed, or no more. */
  readonly onChanged: () => void;
}

/** Tells what joins have replaced, puts the newest of it back where an operator asks for it, and keeps this node out of the data set until it shall take part again. */
export class DataDesk {
  readonly #parts: DataDeskParts;
  #isBusy = false;

  constructor(parts: DataDeskParts) {
    this.#parts = parts;
  }

  /** Rejects with the cause, worded for a person. */
  async answer({ kind, dataSet }: DataRequest): Promise<DataAnswer> {
    const known = this.#only(dataSet);
    if (kind !== "backups") await this.#alone(() => (kind === "undo" ? this.#undo(known) : this.#rejoin(known)));
    const { name, path } = known;
    return { dataSet: name, path, undoneAt: this.#parts.undone.since(name) ?? null, backups: await backupsOf(path) };
  }

  #only(dataSet: string | undefined): KnownDataSet {
    const asked = this.#parts.dataSets().filter(({ name }) => dataSet === undefined || name === dataSet);
    const [first, ...others] = asked;
    if (first === undefined)
      throw new Error(`this node's settings name no file for ${dataSet === undefined ? "a data set" : `data set ${dataSet}`}`);
    if (others.length > 0) throw new Error(`there are several data sets: say which (${asked.map(({ name }) => name).join(", ")})`);
    return first;
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#isBusy) throw new Error("another undo or rejoin is under way");
    this.#isBusy = true;
    try {
      await work();
    } finally {
      this.#isBusy = false;
    }
  }

  async #undo({ name, path, local, following, unacknowledged, seq }: KnownDataSet): Promise<void> {
    const { undone, onChanged } = this.#parts;
    const since = undone.since(name);
    if (since !== undefined) throw new Error(`the join of data set ${name} was undone already, at ${since}`);
    const [newest] = await backupsOf(path);
    if (newest === undefined) throw new Error(`no join has replaced anything at ${path}`);
    if (!following) throw new Error(`data set ${name} is not in step on this node: its status says why`);
    if (unacknowledged > 0) throw new Error(`${unacknowledged} changes are here that no other node has yet: they would be lost`);
    // What goes in passes through the database's log.
    await requireSpace(newest.bytes * 2, dirname(path), "putting the old data back");
    // Noted first: to take part in it, with the old data there, would be to join again.
    await undone.note(name, new Date().toISOString());
    onChanged();
    try {
      await putBack({ kind: "put-back", saved: newest.file, path, local, seq });
    } catch (error) {
      await undone.forget(name);
      onChanged();
      throw new Error(problemOf(error, path).message, { cause: error });
    }
  }

  async #rejoin({ name }: KnownDataSet): Promise<void> {
    const { undone, onChanged } = this.#parts;
    if (undone.since(name) === undefined) throw new Error(`this node takes part in data set ${name}`);
    await undone.forget(name);
    onChanged();
  }
}

async function backupsOf(path: string): Promise<JoinBackup[]> {
  const files = await joinBackups(path);
  return Promise.all(files.map(async (file) => ({ file, bytes: (await stat(file)).size, savedAt: savedAtOf(file) })));
}

async function putBack(job: SnapshotJob): Promise<void> {
  const untilMs = performance.now() + lockPatienceMs;
  for (;;) {
    try {
      await onSnapshotThread(job);
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() >= untilMs) throw error;
    }
    await sleep(lookAgainMs);
  }
}

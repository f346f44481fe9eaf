import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/*
 * `busy.ts processor` keeps a processor busy, `busy.ts disk FOLDER` a disk: many megabytes and many small files, each synced. Both go on until
 * they are killed.
 */
const [what, folder = ""] = process.argv.slice(2);
const large = Buffer.alloc(1_024 * 1_024);
const filesKept = 20;
const largeBlocks = 16;
const smallFiles = 50;

if (what === "disk") keepDiskBusy();
for (;;);

function keepDiskBusy(): never {
  for (let round = 0; ; round += 1) {
    const name = join(folder, `busy-${process.pid}-${round % filesKept}`);
    writeSynced(name, large, largeBlocks);
    for (let file = 0; file < smallFiles; file += 1) writeSynced(`${name}-${file}`, Buffer.from("x"), 1);
  }
}

function writeSynced(path: string, block: Buffer, count: number): void {
  const file = openSync(path, "w");
  for (let written = 0; written < count; written += 1) writeSync(file, block);
  fsyncSync(file);
  closeSync(file);
}

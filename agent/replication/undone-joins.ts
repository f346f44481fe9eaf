import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { slugSchema, timestampSchema } from "../../shared/protocol/id-schemas.ts";
import { writeDurably } from "../storage/durable-file.ts";

const undoneSchema = z.record(slugSchema, timestampSchema);
type Undone = z.infer<typeof undoneSchema>;

/** Data sets whose join was undone on this node: it takes no part in them until an operator wants it to, over restarts too. */
export class UndoneJoins {
  readonly #path: string;
  #undone: Undone;

  /** Throws where its file cannot be read: to join again would replace what was put back. */
  constructor(dataDir: string) {
    this.#path = join(dataDir, "undone-joins.json");
    this.#undone = existsSync(this.#path) ? this.#read() : {};
  }

  /** ISO 8601; undefined where the node takes part. */
  since(dataSet: string): string | undefined {
    return this.#undone[dataSet];
  }

  /** Resolves when it is safely on the disk. */
  async note(dataSet: string, at: string): Promise<void> {
    await this.#write({ ...this.#undone, [dataSet]: at });
  }

  async forget(dataSet: string): Promise<void> {
    const { [dataSet]: _, ...others } = this.#undone;
    await this.#write(others);
  }

  #read(): Undone {
    try {
      return undoneSchema.parse(JSON.parse(readFileSync(this.#path, "utf8")));
    } catch (error) {
      const step = "restore it, or remove it: then this node takes part again in every data set of its settings";
      throw new Error(`${this.#path} does not say which joins were undone (${String(error)}): ${step}`, { cause: error });
    }
  }

  async #write(undone: Undone): Promise<void> {
    await writeDurably(this.#path, JSON.stringify(undone));
    this.#undone = undone;
  }
}

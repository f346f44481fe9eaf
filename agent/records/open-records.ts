import type { Logger } from "pino";
import type { GroupStandings } from "../answers/group-standing.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { MainThread } from "../node/main-thread.ts";
import type { Replication } from "../replication/replication.ts";
import { DataSetWriter } from "./data-set-writer.ts";
import { sweepExpired } from "./expiry-sweep.ts";
import { RecordWriter } from "./record-writer.ts";
import { RecordsApi } from "./records-api.ts";
import { openRecordsEndpoint } from "./records-endpoint.ts";

export interface RecordsOptions {
  readonly settings: AgentSettings;
  readonly trust: TrustStore;
  readonly standings: GroupStandings;
  readonly main: Pick<MainThread, "view">;
  readonly replication: Pick<Replication, "records" | "barrier" | "forward" | "carryOutWith">;
  readonly log: Logger;
}

/** Everything about records on the main thread. Throws `AgentError` as `openRecordsEndpoint` does. */
export async function openRecords(options: RecordsOptions): Promise<{ readonly api: RecordsApi; close(): Promise<void> }> {
  const { settings, trust, standings, main, replication, log } = options;
  const writer = new DataSetWriter({
    document: () => trust.current.document,
    tenureOf: (group) => standings.tenureOf(group),
    holderOf: (group) => main.view.groups.find((told) => told.group === group)?.holder ?? null,
  });
  const records = new RecordWriter(writer, replication);
  replication.carryOutWith((write) => records.answer(write));
  const api = new RecordsApi({ writer, replication, records });
  const endpoint = settings.records === undefined ? null : await openRecordsEndpoint({ settings: settings.records, api, log });
  const sweep = sweepExpired(writer, replication, log);
  return {
    api,
    close: async () => {
      sweep.close();
      await endpoint?.close();
    },
  };
}

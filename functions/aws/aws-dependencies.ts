import type { Dependencies } from "../dependencies.ts";
import type { Environment } from "../env.ts";
import { dynamoStores } from "../store/dynamo-stores.ts";
import { DynamoTable, dynamoDocumentClient } from "../store/dynamo-table.ts";
import type { Stores } from "../store/stores.ts";
import { controlPlaneItself } from "../use-cases/audited.ts";
import { clientSettings } from "./aws-clients.ts";
import { lineLog } from "./line-log.ts";

/** What a function may have beside the store (aws-adapters.ts); each has what its role in infra/ lets it call, and carries no code for anything else. */
type Adapters = Partial<Pick<Dependencies, "signer" | "messenger" | "notifier" | "directory">>;

/** The composition root of every function: made once a process, at its cold start, without asking anybody. */
export function awsDependencies(environment: Environment, adaptersFor: (stores: Stores) => Adapters = () => ({})): Dependencies {
  const stores = dynamoStores(new DynamoTable(dynamoDocumentClient(clientSettings), environment.tableName));
  return {
    actor: controlPlaneItself,
    stores,
    signer: notGiven("signer"),
    messenger: notGiven("messenger"),
    notifier: notGiven("notifier"),
    directory: notGiven("directory"),
    deliveries: null,
    endpoints: { apiUrl: environment.agentApiUrl, mqttUrl: environment.mqttUrl },
    nowMs: () => Date.now(),
    log: lineLog(environment.logLevel),
    // The table's stream wakes the alerts.
    alertPending: () => {},
    ...adaptersFor(stores),
  };
}

/** Whoever calls it after all learns what to change. */
function notGiven<Name extends keyof Adapters>(name: Name): Dependencies[Name] {
  const refuse = (): never => {
    throw new Error(`this function was built without a ${name}: give it one in functions/aws/entries, and its role the rights in infra/`);
  };
  return new Proxy({}, { get: refuse }) as Dependencies[Name];
}

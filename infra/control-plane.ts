import { App, Tags, Validations } from "aws-cdk-lib";
import type { UserPool } from "aws-cdk-lib/aws-cognito";
import { AwsSolutionsChecks } from "cdk-nag";
import { AlertsStack } from "./alerts-stack.ts";
import { ApiStack } from "./api-stack.ts";
import { ConsoleStack } from "./console-stack.ts";
import { DataStack } from "./data-stack.ts";
import { explainExceptions } from "./exceptions.ts";
import { FleetStack, nodePolicyName } from "./fleet-stack.ts";
import { ObservabilityStack } from "./observability-stack.ts";
import type { Stage } from "./stages.ts";

export interface ControlPlaneOptions {
  readonly stage: Stage;
  /** Folder of the bundles (function-bundles.ts). */
  readonly bundles: string;
  /** Host name of the account's broker (ATS) in the region, as `npm run deploy` asks AWS IoT Core for it. */
  readonly brokerHost: string;
  /** Folder of the templates. */
  readonly outDir: string;
  /** Whether cdk-nag looks at them, which takes most of the time; true without it. */
  readonly checked?: boolean;
}

export interface ControlPlaneStacks {
  readonly data: DataStack;
  readonly door: ApiStack;
  readonly fleet: FleetStack;
  readonly alerts: AlertsStack;
  readonly pages: ConsoleStack | undefined;
  readonly observability: ObservabilityStack;
}

/** All stacks of one stage. What cdk-nag finds and exceptions.ts does not explain fails the synthesis. */
export function controlPlane({ stage, bundles, brokerHost, outDir, checked = true }: ControlPlaneOptions): {
  readonly app: App;
  readonly stacks: ControlPlaneStacks;
} {
  const app = new App({ outdir: outDir, analyticsReporting: false, stackTraces: false });
  const nameOf = (part: string): string => `Understudy-${stage.name}-${part}`;
  const data = new DataStack(app, nameOf("Data"), { stage });
  const environment = {
    UNDERSTUDY_TABLE: data.table.tableName,
    UNDERSTUDY_MQTT_URL: `mqtts://${brokerHost}:8883`,
    UNDERSTUDY_SIGNING_KEYS: data.signingKey.keyArn,
    UNDERSTUDY_NODE_POLICY: nodePolicyName(stage),
    UNDERSTUDY_UNDELIVERED_QUEUE: data.undelivered.queueArn,
    ...(data.people === undefined ? {} : { UNDERSTUDY_USER_POOL: data.people.userPoolId }),
  };
  const door = new ApiStack(app, nameOf("Api"), { stage, data, bundles, environment });
  const fleet = new FleetStack(app, nameOf("Fleet"), { stage, data, door });
  const alerts = new AlertsStack(app, nameOf("Alerts"), { stage, data, door });
  const pages = hasPeople(data) ? new ConsoleStack(app, nameOf("Console"), { stage, data, door }) : undefined;
  const functions = [door, fleet, alerts, ...(pages === undefined ? [] : [pages])].flatMap((stack) => stack.functions);
  const { presenceQueue, deadLetters: fleetDeadLetters, rules } = fleet;
  const watched = { functions, api: door.api, table: data.table, rules, presenceQueue, fleetDeadLetters, undelivered: data.undelivered };
  const observability = new ObservabilityStack(app, nameOf("Observability"), { stage, watched });

  // What a bill is split by.
  Tags.of(app).add("product", "understudy");
  Tags.of(app).add("stage", stage.name);
  for (const [part, stack] of Object.entries({ data, door, fleet, alerts, pages, observability })) {
    if (stack !== undefined) Tags.of(stack).add("part", part);
  }
  explainExceptions({ data, door, fleet, alerts, pages, observability });
  if (checked) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stacks: { data, door, fleet, alerts, pages, observability } };
}

function hasPeople(data: DataStack): data is DataStack & { readonly people: UserPool } {
  return data.people !== undefined;
}

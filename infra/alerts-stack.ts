import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { FilterCriteria, FilterRule, type Function as LambdaFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Construct } from "constructs";
import type { ApiStack } from "./api-stack.ts";
import { controlPlaneFunction } from "./control-plane-function.ts";
import type { DataStack } from "./data-stack.ts";
import { alertRights, messengerRights, signingRights, storeRights, summaryRights, topicEndRights } from "./rights.ts";
import { everySoOften } from "./schedule.ts";
import type { Stage } from "./stages.ts";

export interface AlertsStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly door: ApiStack;
}

/** The lists of the index whose items wait for the alerts' function (functions/store/table-keys.ts). */
export const wakingLists = ["PENDING-ALERTS", "DUE-INCIDENTS", "OUTGOING-ALERTS"] as const;

/** From an event in the table to the customers' topics; and what falls due by the day. */
export class AlertsStack extends Stack {
  readonly functions: readonly LambdaFunction[];

  constructor(scope: Construct, id: string, { data, door, ...props }: AlertsStackProps) {
    super(scope, id, props);
    const alerts = controlPlaneFunction(this, door.settings, {
      name: "alerts",
      description: "Makes incidents of events, and tells them",
      memoryMb: 512,
      timeout: Duration.seconds(55),
      rights: [...storeRights(data.table), ...alertRights(this)],
    });
    // It only wakes: what is lost here the schedule finds. So no failure holds up the shard.
    alerts.addEventSource(
      // The library's own types do not fit together where optional properties are exact.
      new DynamoEventSource(data.table as ITable, {
        startingPosition: StartingPosition.LATEST,
        batchSize: 100,
        retryAttempts: 2,
        maxRecordAge: Duration.minutes(5),
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.or("INSERT", "MODIFY"),
            dynamodb: { NewImage: { listPk: { S: FilterRule.or(...wakingLists) } } },
          }),
        ],
      }),
    );
    everySoOften(this, alerts, 1);
    const licences = controlPlaneFunction(this, door.settings, {
      name: "licences",
      description: "Tells of licences and certificates that run out, and deletes what is left of clusters and customers that were removed",
      memoryMb: 512,
      timeout: Duration.minutes(5),
      rights: [...storeRights(data.table), ...signingRights(data.signingKey), ...messengerRights(this), ...topicEndRights(this)],
    });
    everySoOften(this, licences, 60);
    const summaries = controlPlaneFunction(this, door.settings, {
      name: "summaries",
      description: "Sums up clusters whose last change was not summed up",
      memoryMb: 512,
      timeout: Duration.minutes(5),
      rights: summaryRights(data.table),
    });
    // Rarer than in the embedded cloud: it reads all of each cluster, and mends only what a crash between a change and its summary has left.
    everySoOften(this, summaries, 360);
    this.functions = [alerts, licences, summaries];
  }
}

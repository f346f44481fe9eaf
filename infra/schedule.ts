import { Duration, type Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";

/** Wakes the function every so often. A wake-up that fails is not repeated: the next one does the same. */
export function everySoOften(stack: Stack, target: IFunction, minutes: number): Schedule {
  return new Schedule(stack, `${target.node.id}-schedule`, {
    schedule: ScheduleExpression.rate(Duration.minutes(minutes)),
    target: new LambdaInvoke(target, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
    description: `Wakes ${target.node.id}`,
  });
}

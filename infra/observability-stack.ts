import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { Alarm, Dashboard, GraphWidget, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { type AlarmShape, alarmShapes, type Watched } from "./alarm-shapes.ts";
import type { Stage } from "./stages.ts";

export interface ObservabilityStackProps extends StackProps {
  readonly stage: Stage;
  readonly watched: Watched;
}

/** What tells the provider's own people that the control plane is not well; on a way of its own, since the customers' alerts may be what fails. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { stage, watched, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const topic = new Topic(this, "Alarms", { topicName: `understudy-${stage.name}-alarms`, enforceSSL: true });
    topic.grantPublish(
      new ServicePrincipal("cloudwatch.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
    );
    if (stage.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    const shapes = alarmShapes(watched);
    const alarms = shapes.map((shape) => this.#alarm(stage, shape, topic));
    const dashboard = new Dashboard(this, "Dashboard", { dashboardName: `understudy-${stage.name}` });
    dashboard.addWidgets(
      new TextWidget({ markdown: "Each alarm has its section in infra/RUNBOOK.md, under its own name.", width: 24, height: 1 }),
    );
    const widgets = shapes.map(({ name, metric }) => new GraphWidget({ title: name, left: [metric], width: 8, height: 5 }));
    for (let first = 0; first < widgets.length; first += 3) dashboard.addWidgets(...widgets.slice(first, first + 3));
    new CfnOutput(this, "AlarmTopic", { value: topic.topicArn });
    new CfnOutput(this, "AlarmCount", { value: String(alarms.length) });
  }

  #alarm({ name: stage }: Stage, { name, metric, threshold, minutes, comparison, missing, says }: AlarmShape, topic: Topic): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: `understudy-${stage}-${name}`,
      alarmDescription: `${says} See infra/RUNBOOK.md, ${name}.`,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: comparison,
      treatMissingData: missing,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  }
}

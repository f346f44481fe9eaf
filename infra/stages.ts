import { RetentionDays } from "aws-cdk-lib/aws-logs";

/** One installation of the control plane: an account may hold several, each with all of its own. Change these, or add yours. */
export interface Stage {
  readonly name: string;
  /** Whether people sign in: with a Cognito pool and the console. Without it, programs use the API with keys. */
  readonly console: boolean;
  /** The name that agents and browsers use; without it, the one that API Gateway gives. Its certificate (ACM, in the same region) and DNS record are made by you: README.md. */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  /** Where alarms go. SNS asks the address to confirm. */
  readonly alarmEmail?: string;
  readonly logDays: RetentionDays;
  /** Copies of the witness's function that are kept warm. 0: its first answer after a pause takes as long as a cold start. */
  readonly warmWitnesses: number;
  /** `keep`: table, people and signing key outlive their stack, and cannot be deleted by accident. `remove`: for trials; the key is lost after seven days. */
  readonly data: "keep" | "remove";
}

export const stages: readonly Stage[] = [
  { name: "trial", console: true, logDays: RetentionDays.ONE_WEEK, warmWitnesses: 0, data: "remove" },
  { name: "prod", console: true, logDays: RetentionDays.THREE_MONTHS, warmWitnesses: 1, data: "keep" },
];

/** Throws for a name that is none of theirs, with those that are. */
export function stageNamed(name: string): Stage {
  const found = stages.find((stage) => stage.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no stage ${name}, only ${stages.map((stage) => stage.name).join(" and ")}: add it to infra/stages.ts`);
}

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { DescribeEndpointCommand, IoTClient } from "@aws-sdk/client-iot";
import { Command } from "commander";
import { type Stage, stageNamed, stages } from "./stages.ts";

/**
 * `npm run deploy -- --stage NAME`: asks AWS IoT Core for the account's broker, makes bundles and templates, and hands them to the CDK's own command. Region and credentials
 * come from the environment, as for every AWS tool.
 */
const actions = ["deploy", "diff", "destroy"] as const;

const command = new Command("npm run deploy --")
  .description("Deploys the control plane into the AWS account of the environment's credentials, in the region AWS_REGION.")
  .requiredOption(`--stage <name>`, `one of ${stages.map(({ name }) => name).join(", ")} (infra/stages.ts)`)
  .option("--action <what>", `${actions.join(", ")}: diff changes nothing; destroy leaves what the stage keeps`, "deploy")
  .option("--yes", "do not ask before rights are widened, or stacks are destroyed")
  .showHelpAfterError("Next step: see infra/README.md.")
  .parse();

const options = command.opts<{ stage: string; action: string; yes?: true }>();
try {
  process.exitCode = await run(stageNamed(options.stage));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(stage: Stage): Promise<number> {
  const action = actions.find((one) => one === options.action);
  if (action === undefined) throw new Error(`--action must be one of ${actions.join(", ")}`);
  const region = process.env["AWS_REGION"];
  if (region === undefined) throw new Error("AWS_REGION is not set: name the region, for example AWS_REGION=eu-central-1");
  const brokerHost = await broker(region);
  const root = resolve(import.meta.dirname, "..");
  const environment = { ...process.env, STAGE: stage.name, BROKER_HOST: brokerHost, AWS_DEFAULT_REGION: region };
  const confirmation = {
    deploy: ["--require-approval", options.yes === true ? "never" : "broadening"],
    destroy: options.yes === true ? ["--force"] : [],
    diff: [],
  };
  const app = `${process.execPath} ${resolve(import.meta.dirname, "app.ts")}`;
  const given = [action, "--all", "--app", app, "--output", `cdk.out/${stage.name}`, ...confirmation[action]];
  const ended = spawnSync(process.execPath, [resolve(root, "node_modules/aws-cdk/bin/cdk"), ...given], {
    cwd: root,
    env: environment,
    stdio: "inherit",
  });
  if (ended.error !== undefined) throw ended.error;
  return ended.status ?? 1;
}

/** The name by which nodes reach AWS IoT Core: of this account in this region, the same for ever. */
async function broker(region: string): Promise<string> {
  const client = new IoTClient({ region });
  try {
    const { endpointAddress } = await client.send(new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" }));
    if (endpointAddress === undefined) throw new Error("it told none");
    return endpointAddress;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `AWS IoT Core in ${region} does not tell the account's broker: ${reason}. Check the credentials, and that they allow iot:DescribeEndpoint.`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}

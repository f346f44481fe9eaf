import { resolve } from "node:path";
import { controlPlane } from "./control-plane.ts";
import { bundleFunctions } from "./function-bundles.ts";
import { stageNamed } from "./stages.ts";

/**
 * `npm run synth`: the templates of one stage, without asking AWS anything. `STAGE` and `BROKER_HOST` are set by `npm run deploy`; without the second, agents would be
 * told a name that does not exist.
 */
const root = resolve(import.meta.dirname, "..");
const bundles = resolve(root, "dist/functions");
const { STAGE = "prod", BROKER_HOST = "not-asked-for.iot.invalid" } = process.env;
const stage = stageNamed(STAGE);
await bundleFunctions(bundles);
const { app } = controlPlane({ stage, bundles, brokerHost: BROKER_HOST, outDir: resolve(root, "cdk.out", stage.name) });
const { stacks } = app.synth();
process.stdout.write(
  `${stacks.length} stacks of stage ${stage.name} in cdk.out/${stage.name}; cdk-nag found nothing that infra/exceptions.ts does not explain\n`,
);

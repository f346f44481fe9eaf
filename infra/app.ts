import { App } from "aws-cdk-lib";
import { DataStack } from "./data-stack.ts";

const app = new App({ outdir: "cdk.out" });
new DataStack(app, "UnderstudyData");
app.synth();

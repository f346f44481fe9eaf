import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { controlPlane } from "../../infra/control-plane.ts";
import { functionNames } from "../../infra/function-bundles.ts";
import { type Stage, stageNamed } from "../../infra/stages.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Effect: string;
  readonly Condition?: unknown;
}

export interface SynthesisOptions {
  /** Changes something before the templates are made. */
  readonly before?: (stacks: ReturnType<typeof controlPlane>["stacks"]) => void;
  /** Whether cdk-nag looks at them. */
  readonly checked?: boolean;
}

/** The templates of a stage, by part; with empty files where the functions' bundles will lie. Throws what cdk-nag finds. */
export class Synthesized implements Disposable {
  readonly stage: Stage;
  readonly templates: ReadonlyMap<string, Template>;
  readonly #folder = mkdtempSync(join(tmpdir(), "understudy-synth-"));

  constructor(change: Partial<Stage> = {}, { before, checked = true }: SynthesisOptions = {}) {
    this.stage = { ...stageNamed("prod"), ...change };
    const bundles = join(this.#folder, "bundles");
    for (const name of functionNames) {
      mkdirSync(join(bundles, name), { recursive: true });
      writeFileSync(join(bundles, name, "index.mjs"), "");
    }
    const brokerHost = "broker.iot.eu-central-1.amazonaws.com";
    const { app, stacks } = controlPlane({ stage: this.stage, bundles, brokerHost, outDir: join(this.#folder, "out"), checked });
    before?.(stacks);
    app.synth();
    const present = Object.entries(stacks).filter((entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined);
    this.templates = new Map(present.map(([part, stack]: [string, Stack]) => [part, Template.fromStack(stack)]));
  }

  /** Of one type, or all, of all stacks. */
  resources(type?: string): Resource[] {
    return [...this.templates.values()].flatMap((template) =>
      Object.values((template.toJSON() as { Resources: Record<string, Resource> }).Resources).filter(
        (one) => type === undefined || one.Type === type,
      ),
    );
  }

  template(part: string): Template {
    const found = this.templates.get(part);
    if (found === undefined) throw new Error(`there is no part ${part}`);
    return found;
  }

  /** What the function's role allows, its log included. */
  statementsOf(functionName: string): Statement[] {
    for (const template of this.templates.values()) {
      const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
      const found = Object.values(Resources).find(
        ({ Type, Properties }) =>
          Type === "AWS::Lambda::Function" && Properties["FunctionName"] === `understudy-${this.stage.name}-${functionName}`,
      );
      if (found === undefined) continue;
      const roleId = (found.Properties["Role"] as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0];
      const inline = (Resources[roleId]?.Properties["Policies"] ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
      const attached = Object.values(Resources).filter(
        ({ Type, Properties }) => Type === "AWS::IAM::Policy" && JSON.stringify(Properties["Roles"]) === JSON.stringify([{ Ref: roleId }]),
      );
      const documents = [
        ...inline.map(({ PolicyDocument }) => PolicyDocument),
        ...attached.map(({ Properties }) => Properties["PolicyDocument"] as { Statement: Statement[] }),
      ];
      return documents.flatMap(({ Statement }) => Statement);
    }
    throw new Error(`there is no function ${functionName}`);
  }

  actionsOf(functionName: string): ReadonlySet<string> {
    return new Set(this.statementsOf(functionName).flatMap(({ Action }) => Action));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

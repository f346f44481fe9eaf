import { Command } from "commander";
import type { ApproverKey } from "../../shared/domain/membership/approval.ts";
import { approverName } from "../../shared/protocol/approvals.ts";
import { clusterIdSchema } from "../../shared/protocol/id-schemas.ts";
import { AgentError } from "../agent-error.ts";
import { ApprovalDesk, type ApprovalQuestion } from "../approver/approval-desk.ts";
import { makeApproverKey, readApproverKey, readPublicKey } from "../approver/approver-key.ts";
import { type ApiAccess, ControlPlaneApi } from "../approver/control-plane-api.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { printable } from "./printable.ts";

interface KeyOptions {
  readonly key: string;
  readonly json?: boolean;
}
interface DeskOptions extends KeyOptions, ApiAccess {
  readonly cluster: string;
}
type SignOptions = DeskOptions & { readonly seen: string };

const seenOption = ["--seen <digest>", "what `approver show` has printed: nothing else is signed"] as const;

/** Commands for whoever approves dangerous changes, on a machine of their own: no server of a cluster, and none of the control plane. */
export function approverCommand(): Command {
  return new Command("approver")
    .description(
      "The second key for dangerous changes of a cluster. Where a cluster has an approver, its nodes take a change of members, services, addresses, triggers, data, timing or witness only with that key's signature; who is preferred, certificates that nodes renew themselves and failover need none.",
    )
    .addCommand(ofKey("make", "makes an approver's key; it stays in its file, for which you alone answer").action(make))
    .addCommand(ofCluster("show", "what is to be signed for, compared with what was last signed on this machine").action(show))
    .addCommand(
      ofCluster("begin", "makes this key the approver of a cluster that has none")
        .requiredOption(...seenOption)
        .action(begin),
    )
    .addCommand(
      ofCluster("approve", "signs for the cluster as it is now")
        .requiredOption(...seenOption)
        .action(approveNow),
    )
    .addCommand(
      ofCluster("hand-over", "signs, and makes another key the approver, or none")
        .requiredOption(...seenOption)
        .requiredOption("--to <file>", "the other's public key (.pub), or `nobody`")
        .action(handOver),
    );
}

function ofKey(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--key <file>", "the approver's key")
    .option("--json", "print the result as JSON")
    .addHelpText("after", exitCodeHelp());
}

function ofCluster(name: string, description: string): Command {
  return ofKey(name, description)
    .requiredOption("--cluster <id>", "the cluster's id, clus_...")
    .requiredOption("--cloud <url>", "address of the control plane's API")
    .option("--cloud-ca-sha256 <hex>", "fingerprint of the certificate in its chain to trust; left out: the public ones")
    .requiredOption("--api-key-file <file>", "a file with an API key that may see the cluster (to sign: operator)");
}

async function make({ key: path, json = false }: KeyOptions): Promise<void> {
  const key = await makeApproverKey(path);
  const name = await approverName(key);
  print(
    json,
    { name, key },
    `Key ${name} is in ${path}, its public half in ${path}.pub.\nKeep a copy where no server reaches it: without it dangerous changes wait until somebody accepts them on every node (understudy agent trust accept).\n`,
  );
}

async function show(options: DeskOptions): Promise<void> {
  const question = await (await deskOf(options)).look();
  const { document, ...rest } = question;
  print(options.json, { version: document.version, ...rest }, questionText(question));
}

async function begin(options: SignOptions): Promise<void> {
  const { approver } = await (await deskOf(options)).look();
  if (approver !== null) {
    throw new AgentError(
      "approval-refused",
      `This cluster has the approver ${approver} already.`,
      "Use approve with that key, or hand-over.",
    );
  }
  await sign(options, (await readApproverKey(options.key)).key);
}

async function approveNow(options: SignOptions): Promise<void> {
  const { approver } = await (await deskOf(options)).look();
  if (approver === null)
    throw new AgentError("approval-refused", "This cluster has no approver.", "To become it: understudy approver begin.");
  await sign(options, (await readApproverKey(options.key)).key);
}

async function handOver({ to, ...options }: SignOptions & { readonly to: string }): Promise<void> {
  await sign(options, to === "nobody" ? null : await readPublicKey(to));
}

async function sign(options: SignOptions, next: ApproverKey | null): Promise<void> {
  const { number, version } = await (await deskOf(options)).sign(options.seen, next);
  const approver = next === null ? null : await approverName(next);
  const whose = approver === null ? "From now on there is no approver." : `The next one needs key ${approver}.`;
  print(options.json, { number, version, approver }, `Approval ${number} is signed, for version ${version} of the cluster. ${whose}\n`);
}

async function deskOf(options: DeskOptions): Promise<ApprovalDesk> {
  const clusterId = clusterIdSchema.safeParse(options.cluster);
  if (!clusterId.success)
    throw new AgentError("approval-refused", `${options.cluster} is no id of a cluster.`, "Take it from the console's address: clus_...");
  const pair = await readApproverKey(options.key);
  return new ApprovalDesk({ api: await ControlPlaneApi.open(options), clusterId: clusterId.data, pair, memory: `${options.key}.approved` });
}

export function questionText({ document, approver, signedVersion, sentences, differences, seen }: ApprovalQuestion): string {
  const { clusterId, name, version } = document;
  const head = `Cluster ${name} (${clusterId}), version ${version}. Approver: ${approver ?? "none"}.`;
  const since =
    signedVersion === null
      ? "Nothing of it was signed on this machine yet; this is all that a signature would cover:"
      : `Since version ${signedVersion}, which was last signed on this machine:`;
  const places = differences.map(
    ({ path, before, after }) => `  ${path}: ${valueText(after)}${before === undefined ? "" : `, in place of ${valueText(before)}`}`,
  );
  const rows =
    signedVersion !== null && places.length === 0
      ? ["  nothing that needs a signature"]
      : [...sentences.map((sentence) => `  ${sentence}`), "", "In the document itself:", ...places];
  return `${[head, since, ...rows].map(printable).join("\n")}\n\nTo sign for exactly this: --seen ${seen}\n`;
}

function valueText(value: unknown): string {
  return value === undefined ? "not there any more" : JSON.stringify(value);
}

function print(json: boolean | undefined, result: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : text);
}

import { join } from "node:path";
import { Command } from "commander";
import { capacityOf } from "../../shared/domain/licensing/capacity.ts";
import { licenceConsequences } from "../../shared/domain/licensing/licence-consequences.ts";
import { licenceCourse } from "../../shared/domain/licensing/licence-course.ts";
import { standingOf, termsInForce } from "../../shared/domain/licensing/licence-term.ts";
import { type EnrolledNode, requireEnrolledNode } from "../cloud/enrolled-node.ts";
import { TrustStore } from "../cloud/trust-store.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LicenceFolder } from "../licence/licence-folder.ts";
import { type DataPaths, dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { type LicenceReport, licenceTable } from "./licence-table.ts";

interface Options {
  readonly config: string;
  readonly json?: boolean;
}

export function licenceCommand(): Command {
  return new Command("licence")
    .description(
      "The licences of the cluster as files on this node, checked without the cloud. They say how far the cluster may grow; nothing that runs asks for one.",
    )
    .addCommand(
      askingCommand("import", "takes a signed licence file: the same file goes on every node")
        .argument("<file>", "as it was issued")
        .action(importFile),
    )
    .addCommand(askingCommand("show", "what they allow, until when, and what follows").action(show));
}

async function importFile(file: string, { config, json = false }: Options): Promise<void> {
  const { folder } = await opened(config);
  const { licence } = await folder.import(file, Date.now());
  const said = `Licence ${licence.licenceId} is on this node: ${licence.nodes} ${licence.nodes === 1 ? "node" : "nodes"} and ${licence.users ?? 0} users until ${licence.validUntil}.`;
  process.stdout.write(json ? `${JSON.stringify(licence)}\n` : `${said}\n`);
}

async function show({ config, json = false }: Options): Promise<void> {
  const { folder, paths, node } = await opened(config);
  const { current } = await TrustStore.open(paths.clusterDocument, node.signingKeys, node.clusterId);
  const nowMs = Date.now();
  const { held, refused } = await folder.list();
  const terms = held.map(({ term }) => term);
  // How many users there are the control plane knows.
  const used = { nodes: current.document.nodes.length, users: 0 };
  const licensed = capacityOf(termsInForce(terms, nowMs));
  const { state, next } = licenceCourse(terms, used, nowMs);
  const report: LicenceReport = {
    state,
    until: next === null ? null : new Date(next.atMs).toISOString(),
    nodes: used.nodes,
    licensed,
    licences: held.map(({ licence, term }) => ({ ...licence, standing: standingOf(term, nowMs) })),
    refused,
    consequences: licenceConsequences(state, used, licensed),
  };
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${licenceTable(report)}\n`);
}

async function opened(config: string): Promise<{ folder: LicenceFolder; paths: DataPaths; node: EnrolledNode }> {
  const paths = dataPaths(loadSettings(config).dataDir);
  const node = await requireEnrolledNode(paths.identity);
  const believing = { clusterId: node.clusterId, keys: node.signingKeys };
  return { folder: new LicenceFolder(join(paths.root, "licences"), believing), paths, node };
}

import type { Command } from "commander";
import { clusterSettingList } from "../../shared/config/cluster-settings.ts";
import { type ClusterSetting, rangeOf } from "../../shared/domain/settings/cluster-setting.ts";
import { settingsInForce } from "../../shared/domain/settings/settings-in-force.ts";
import { readEnrolledNode } from "../cloud/enrolled-node.ts";
import { loadSettings } from "../config/load-settings.ts";
import { type SettingRow, settingRows } from "../config/settings-table.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { printable } from "./printable.ts";
import { storedDocument } from "./stored-document.ts";

interface SettingsOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function settingsCommand(): Command {
  return askingCommand(
    "settings",
    "Every setting with its range, default and advice: those of this node's file, and those of the cluster document with what it says now.",
  ).action(settings);
}

async function settings({ config, json = false }: SettingsOptions): Promise<void> {
  const own = loadSettings(config);
  const isEnrolled = (await readEnrolledNode(dataPaths(own.dataDir).identity)) !== null;
  const inForce = isEnrolled ? settingsInForce((await storedDocument(own)).document) : {};
  const cluster = clusterSettingList.map((setting) => ({ ...setting, now: inForce[setting.path] ?? [] }));
  if (json) {
    process.stdout.write(`${JSON.stringify({ node: settingRows(), cluster }, null, 2)}\n`);
    return;
  }
  process.stdout.write(settingsText(settingRows(), cluster, isEnrolled));
}

type ClusterRow = ClusterSetting & { readonly now: readonly string[] };

export function settingsText(node: readonly SettingRow[], cluster: readonly ClusterRow[], isEnrolled: boolean): string {
  const head = isEnrolled ? "Of the cluster document:" : "Of the cluster document (this server has none yet):";
  return ["Of this node's file:\n", ...node.map(nodeBlock), `${head}\n`, ...cluster.map(clusterBlock)].join("\n");
}

function nodeBlock({ path, byDefault, range, advice }: SettingRow): string {
  return block(
    path,
    [range, byDefault === "needed" || byDefault === "none" ? byDefault : `default ${byDefault.replaceAll("`", "")}`],
    [],
    advice,
  );
}

function clusterBlock({ now, ...setting }: ClusterRow): string {
  const { path, of, byDefault, advice } = setting;
  const name = of === undefined ? path : `${path} (${of})`;
  return block(name, [rangeOf(setting), byDefault === undefined ? "" : `default ${byDefault}`], now, advice);
}

/** A setting, what may stand there, what does, and the advice: advice is too long for a table's cell. */
function block(name: string, bounds: readonly string[], now: readonly string[], advice: string): string {
  const said = bounds.filter((part) => part !== "").join("; ");
  const lines = [said === "" ? name : `${name}: ${said}`, ...(now.length === 0 ? [] : [`  now ${now.join(", ")}`]), `  ${advice}`];
  return `${lines.map(printable).join("\n")}\n`;
}

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { reasonOf } from "../../agent/agent-error.ts";
import { Namespace } from "./namespace.ts";
import { nextRunName } from "./run-name.ts";

const commands = {
  ip: "iproute2",
  nft: "nftables",
  arping: "iputils-arping",
  sysctl: "procps",
  socat: "socat",
  faketime: "faketime",
  mount: "mount",
  fsfreeze: "util-linux",
  "mkfs.ext4": "e2fsprogs",
} as const;

/** By the kernel module that makes them. */
const devices = { loop: "/dev/loop-control", tun: "/dev/net/tun" } as const;

/** Null where the lab can run here; else the reason and the next step. `more`: commands that it needs beyond its own, with their Debian packages. */
export async function labRefusal(more: Readonly<Record<string, string>> = {}): Promise<string | null> {
  if (process.platform !== "linux") return "The lab is made of Linux network namespaces. Next step: run it on Linux.";
  if (process.getuid?.() !== 0)
    return "The lab makes network namespaces, and only root may do that. Next step: run the same command as root.";
  const missing = Object.entries({ ...commands, ...more }).flatMap(([command, debianPackage]) =>
    isInstalled(command) ? [] : [debianPackage],
  );
  if (missing.length > 0) return `The lab needs ${missing.join(", ")}, not installed here. Next step: apt-get install ${missing.join(" ")}`;
  for (const [module, device] of Object.entries(devices)) {
    if (!existsSync(device))
      return `The lab needs ${device}, not there on this system. Next step: modprobe ${module}, or run the lab on a virtual machine.`;
  }
  return namespaceRefusal();
}

/** Root of a container is often not allowed to make namespaces: only trying tells. */
async function namespaceRefusal(): Promise<string | null> {
  try {
    const tried = await Namespace.create(`${nextRunName()}-tried`);
    await tried.remove();
    return null;
  } catch (error) {
    return `No network namespace can be made here (${reasonOf(error)}). Next step: run the lab where root may, as on a virtual machine or in a privileged container.`;
  }
}

export function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

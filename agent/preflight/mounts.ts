export interface Mount {
  readonly mountPoint: string;
  /** As `ext4` or `nfs4`. */
  readonly fileSystem: string;
}

/** What `/proc/self/mountinfo` says (proc_pid_mountinfo(5)), in its order: of two at one place the later one counts. */
export function parseMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const mountPoint = before.split(" ")[4];
    const [fileSystem = ""] = after.split(" ");
    return mountPoint === undefined || fileSystem === "" ? [] : [{ mountPoint: unescaped(mountPoint), fileSystem }];
  });
}

/** The one that holds an absolute path without links; undefined where none does. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const holding = mounts.filter(({ mountPoint }) => mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`));
  return holding.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.mountPoint.length >= best.mountPoint.length ? mount : best),
    undefined,
  );
}

/** Blanks and the like stand there as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

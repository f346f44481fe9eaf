import { rmSync, writeFileSync } from "node:fs";

/** While this file is there, the service of that node is ill. Beside the witness' log, so that both sides know where. */
export function illnessFile(witness: string, name: string): string {
  return `${witness}.${name}.ill`;
}

export function setIllness(witness: string, name: string, isIll: boolean): void {
  if (isIll) writeFileSync(illnessFile(witness, name), "");
  else rmSync(illnessFile(witness, name), { force: true });
}

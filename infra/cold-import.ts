import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

const times = 5;

/** What the functions' environment must hold before they ask anybody; nothing of it is reached here. */
const environment = {
  AWS_REGION: "eu-central-1",
  UNDERSTUDY_TABLE: "table",
  UNDERSTUDY_AGENT_API_URL: "https://cloud.invalid",
  UNDERSTUDY_MQTT_URL: "mqtts://broker.invalid:8883",
  UNDERSTUDY_SIGNING_KEYS: "key",
  UNDERSTUDY_NODE_POLICY: "policy",
  UNDERSTUDY_CONSOLE_URL: "https://cloud.invalid",
  UNDERSTUDY_ISSUER_URL: "https://issuer.invalid",
  UNDERSTUDY_CLIENT_ID: "client",
  UNDERSTUDY_SESSION_KEY: "key",
};

/** How long a new process takes to import the file, in milliseconds: the median of some. A function's cold start is that, and the machine's own start before it. */
export function coldImportMs(file: string): number {
  const script = `const before = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); process.stdout.write(String(performance.now() - before));`;
  const measured = Array.from({ length: times }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: environment,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${file} cannot be imported:\n${stderr}`);
    return Number(stdout);
  });
  return measured.toSorted((one, other) => one - other)[Math.floor(times / 2)] ?? Number.NaN;
}

import { startSnsEndpoint } from "../../../../functions/embedded/sns/start-sns-endpoint.ts";
import { endpointOptions } from "./running-endpoint.ts";

/** The endpoint as a process of its own, to be killed: `endpoint-process DATA_DIR PORT TLS_PORT`. */
const [dataDir = "", port, tlsPort] = process.argv.slice(2);
const endpoint = await startSnsEndpoint({ ...endpointOptions(dataDir), port: Number(port), tlsPort: Number(tlsPort) });
process.stdout.write(`${JSON.stringify({ type: "ready", url: endpoint.url, tlsUrl: endpoint.tlsUrl })}\n`);

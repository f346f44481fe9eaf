import { isIPv6 } from "node:net";
import type { ProbeSettings } from "../config/probe-settings.ts";
import type { HealthCheck } from "./health-check.ts";
import { HttpCheck } from "./http-check.ts";
import { SipCheck } from "./sip-check.ts";
import { TcpCheck } from "./tcp-check.ts";

/** A probe's question to one node. */
export function makeProbe(settings: ProbeSettings, host: string): HealthCheck {
  switch (settings.kind) {
    case "http": {
      const { tls, port, path, expectStatus, bodyIncludes, caFile, serverName } = settings;
      const url = `${tls ? "https" : "http"}://${isIPv6(host) ? `[${host}]` : host}:${port}${path}`;
      return new HttpCheck({ url, method: "GET", expectStatus, bodyIncludes, caFile, serverName });
    }
    case "tcp":
      return new TcpCheck({ host, port: settings.port });
    case "sip":
      return new SipCheck({ host, port: settings.port });
  }
}

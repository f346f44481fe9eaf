import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSettings, parseSettings } from "../../../agent/config/load-settings.ts";

const minimal = "name: node-a\ndataDir: /var/lib/understudy\nlisten: { host: 192.0.2.11 }\n";

function problemsOf(text: string): string {
  try {
    parseSettings(text, "agent.yaml");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("settings", () => {
  it("the example file loads", () => {
    const settings = loadSettings(join(import.meta.dirname, "../../../agent/config/agent.example.yaml"));
    expect(settings.services["telephony"]).toMatchObject({ start: ["/usr/bin/node", "app.js"], healthFailures: 3 });
    expect(settings.checks).toMatchObject({ default: { web: { kind: "http", when: "operational", timeoutMs: 2_000 } } });
    expect(settings.dataSets).toEqual({ calls: { path: "/var/lib/telephony/calls.sqlite" } });
  });

  it("what is left out has its default", () => {
    expect(parseSettings(minimal, "agent.yaml")).toEqual({
      name: "node-a",
      dataDir: "/var/lib/understudy",
      listen: { host: "192.0.2.11", heartbeatPort: 7400, replicationPort: 7401, paths: {} },
      services: {},
      certificate: { lifeDays: 90 },
      checks: {},
      probes: {},
      dataSets: {},
      sharedData: {},
      replication: {
        logDaysMax: 14,
        logChangesMax: 20_000_000,
        compare: { pauseSeconds: 30, rowsPerSecondMax: 2_000, repair: "automatic" },
      },
      tsigKeys: {},
      trust: { changes: "accept", networks: [] },
      triggers: { webhookHosts: {}, commands: {} },
    });
  });

  it("every problem is told at once, each with its line", () => {
    const text = `${minimal}colour: red\nservices:\n  telephony:\n    start: [app.js]\n    healthFailures: 0\ndataSets:\n  Calls: { path: calls.sqlite }\n`;
    expect(problemsOf(text)).toMatchInlineSnapshot(`
      "The settings file agent.yaml has 4 problems:
        line 4: colour: is not a setting
        line 7: services.telephony.start.0: must be an absolute path
        line 8: services.telephony.healthFailures: must be 1 to 100. So many failed checks in a row, and the group moves to another node. 1 reacts fastest, and to every hiccup.
        line 10: dataSets.Calls: its name must hold only lower-case letters, digits and hyphens"
    `);
  });

  it("further paths: a name or address that is taken, and one that is none, are told at once, each with its line", () => {
    const text = "name: node-a\ndataDir: /var/lib/understudy\nlisten:\n  host: 192.0.2.11\n  paths:\n";
    expect(problemsOf(`${text}    main: 198.51.100.11\n    lan-b: 192.0.2.11\n    lan-c: 198.51.100.11\n`)).toMatchInlineSnapshot(`
      "The settings file agent.yaml has 3 problems:
        line 6: listen.paths.main: is the name of the path by listen.host: give this one another
        line 7: listen.paths.lan-b: 192.0.2.11 is the address of another path already: each network has its own
        line 8: listen.paths.lan-c: 198.51.100.11 is the address of another path already: each network has its own"
    `);
    expect(problemsOf(`${text}    LAN B: 198.51.100.11\n    b: not an address\n`)).toMatchInlineSnapshot(`
      "The settings file agent.yaml has 2 problems:
        line 6: listen.paths.LAN B: its name must hold only lower-case letters, digits and hyphens
        line 7: listen.paths.b: must be an IP address or a host name"
    `);
    expect(problemsOf(`${text}    b: 10.0.0.1\n    c: 10.0.1.1\n    d: 10.0.2.1\n    e: 10.0.3.1\n`)).toMatch(
      /listen.paths: must be at most 3/,
    );
    expect(parseSettings(`${text}    lan-b: 198.51.100.11\n`, "agent.yaml").listen.paths).toEqual({ "lan-b": "198.51.100.11" });
  });

  it("a command as one string is refused: nothing is ever read by a shell", () => {
    expect(problemsOf(`${minimal}services: { a: { start: "/bin/rm -rf /" } }\n`)).toMatch(/line 4: services.a.start: .*expected tuple/);
  });

  it("checks: a kind that there is not, a password in a URL, and a command as one string are refused, each with its line", () => {
    const text = `${minimal}checks:\n  default:\n    a: { kind: icmp }\n    b: { kind: http, url: "http://admin:secret@127.0.0.1/" }\n    c: { kind: command, command: "/bin/true" }\n    d: { kind: http, url: "file:///etc/passwd" }\n    e: { kind: tcp, host: "127.0.0.1" }\n`;
    expect(problemsOf(text)).toMatchInlineSnapshot(`
      "The settings file agent.yaml has 5 problems:
        line 6: checks.default.a.kind: Invalid discriminator value. Expected 'http' | 'tcp' | 'command' | 'sip'
        line 7: checks.default.b.url: must hold no user name and no password
        line 8: checks.default.c.command: Invalid input: expected tuple, received string
        line 9: checks.default.d.url: must be an http:// or https:// URL
        line 10: checks.default.e.port: Invalid input: expected number, received undefined"
    `);
    expect(problemsOf(text)).not.toContain("secret");
  });

  it("a secret that cannot be one is refused without being repeated", () => {
    const problems = problemsOf(`${minimal}tsigKeys: { phones-key: { secret: "not base64 at all, but a secret" } }\n`);
    expect(problems).toMatch(/line 4: tsigKeys.phones-key.secret: Invalid base64/);
    expect(problems).not.toContain("but a secret");
  });

  it("the same key twice, and what is no YAML, name the line", () => {
    expect(problemsOf(`${minimal}name: other\n`)).toMatch(/keys must be unique at line 4/i);
    expect(problemsOf("name: [")).toMatch(/line 1/);
  });

  it("no file: the message says so and what to do", () => {
    expect(() => loadSettings("/nowhere/agent.yaml")).toThrow(
      expect.objectContaining({ code: "bad-settings", message: expect.stringMatching(/ENOENT/) as string }) as Error,
    );
  });
});

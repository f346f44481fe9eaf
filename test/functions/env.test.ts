import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../functions/env.ts";

const variables = {
  UNDERSTUDY_TABLE: "understudy",
  UNDERSTUDY_AGENT_API_URL: "https://api.example.com",
  UNDERSTUDY_MQTT_URL: "mqtts://mqtt.example.com:8883",
  UNDERSTUDY_SIGNING_KEYS: "new-key,old-key",
  UNDERSTUDY_NODE_POLICY: "understudy-node",
};

describe("environment of the functions", () => {
  it("is read as a whole", () => {
    expect(readEnvironment(variables)).toEqual({
      tableName: "understudy",
      agentApiUrl: "https://api.example.com",
      mqttUrl: "mqtts://mqtt.example.com:8883",
      signingKeys: ["new-key", "old-key"],
      nodePolicy: "understudy-node",
      logLevel: "info",
    });
  });

  it("every missing or wrong variable is named at once, its value is not", () => {
    const broken = { UNDERSTUDY_AGENT_API_URL: "http://secret.example.com", UNDERSTUDY_MQTT_URL: "x" };
    expect(() => readEnvironment(broken)).toThrow(/UNDERSTUDY_TABLE[\s\S]*UNDERSTUDY_AGENT_API_URL[\s\S]*UNDERSTUDY_MQTT_URL/);
    expect(() => readEnvironment(broken)).not.toThrow(/secret/);
  });
});

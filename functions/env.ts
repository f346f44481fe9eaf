import { z } from "zod";

/** What the infrastructure tells the functions. The embedded cloud has options instead. */
const environmentSchema = z.object({
  /** Name of the one DynamoDB table. */
  UNDERSTUDY_TABLE: z.string().min(3).max(255),
  /** `https://...` of the API, as agents reach it. */
  UNDERSTUDY_AGENT_API_URL: z.url({ protocol: /^https$/ }),
  /** `mqtts://...` of the broker, as agents reach it. */
  UNDERSTUDY_MQTT_URL: z.url({ protocol: /^mqtts$/ }),
});

export interface Environment {
  readonly tableName: string;
  readonly agentApiUrl: string;
  readonly mqttUrl: string;
}

/** Throws with every problem at once, by the variable's name; values are not repeated. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = environmentSchema.safeParse(variables);
  if (!parsed.success) throw new Error(`the function's environment is not complete:\n${z.prettifyError(parsed.error)}`);
  const { UNDERSTUDY_TABLE: tableName, UNDERSTUDY_AGENT_API_URL: agentApiUrl, UNDERSTUDY_MQTT_URL: mqttUrl } = parsed.data;
  return { tableName, agentApiUrl, mqttUrl };
}

import { z } from "zod";

/** What the infrastructure tells the functions. The embedded cloud has options instead. */
const environmentSchema = z.object({
  /** Name of the one DynamoDB table. */
  UNDERSTUDY_TABLE: z.string().min(3).max(255),
  /** `https://...` of the API, as agents reach it. */
  UNDERSTUDY_AGENT_API_URL: z.url({ protocol: /^https$/ }),
  /** `mqtts://...` of the broker, as agents reach it. */
  UNDERSTUDY_MQTT_URL: z.url({ protocol: /^mqtts$/ }),
  /** KMS keys, by comma: the first one signs, agents are told all. */
  UNDERSTUDY_SIGNING_KEYS: z.string().min(1).max(2_000),
  /** Name of the one policy of all nodes in AWS IoT Core. */
  UNDERSTUDY_NODE_POLICY: z.string().min(1).max(128),
  /** ARN of the SQS queue for what subscribers did not take until the last attempt; absent: SNS drops it then. */
  UNDERSTUDY_UNDELIVERED_QUEUE: z.string().startsWith("arn:").optional(),
  /** Id of the Cognito user pool in which people sign in; absent: there is no console. */
  UNDERSTUDY_USER_POOL: z.string().min(1).max(55).optional(),
  UNDERSTUDY_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** What the console's function needs beside. */
const consoleEnvironmentSchema = z.object({
  /** `https://...` of the console, as browsers reach it. */
  UNDERSTUDY_CONSOLE_URL: z.url({ protocol: /^https$/ }),
  /** The OpenID Connect issuer: the pool's own, with discovery below it. Plain HTTP is refused but on loopback (identity-provider.ts). */
  UNDERSTUDY_ISSUER_URL: z.url({ protocol: /^https?$/ }),
  UNDERSTUDY_CLIENT_ID: z.string().min(1).max(128),
  /** The KMS key (HMAC_256) that the key of the sessions is made of. */
  UNDERSTUDY_SESSION_KEY: z.string().min(1).max(2_000),
});

export interface Environment {
  readonly tableName: string;
  readonly agentApiUrl: string;
  readonly mqttUrl: string;
  readonly signingKeys: readonly string[];
  readonly nodePolicy: string;
  readonly undeliveredQueue?: string | undefined;
  readonly userPool?: string | undefined;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

export interface ConsoleEnvironment {
  readonly consoleUrl: string;
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly sessionKey: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws with every problem at once, by the variable's name; values are not repeated. */
export function readEnvironment(variables: Variables): Environment {
  const read = checked(environmentSchema, variables);
  return {
    tableName: read.UNDERSTUDY_TABLE,
    agentApiUrl: read.UNDERSTUDY_AGENT_API_URL,
    mqttUrl: read.UNDERSTUDY_MQTT_URL,
    signingKeys: read.UNDERSTUDY_SIGNING_KEYS.split(","),
    nodePolicy: read.UNDERSTUDY_NODE_POLICY,
    undeliveredQueue: read.UNDERSTUDY_UNDELIVERED_QUEUE,
    userPool: read.UNDERSTUDY_USER_POOL,
    logLevel: read.UNDERSTUDY_LOG_LEVEL,
  };
}

/** As `readEnvironment`. */
export function readConsoleEnvironment(variables: Variables): ConsoleEnvironment {
  const read = checked(consoleEnvironmentSchema, variables);
  return {
    consoleUrl: read.UNDERSTUDY_CONSOLE_URL,
    issuerUrl: read.UNDERSTUDY_ISSUER_URL,
    clientId: read.UNDERSTUDY_CLIENT_ID,
    sessionKey: read.UNDERSTUDY_SESSION_KEY,
  };
}

function checked<Schema extends z.ZodType>(schema: Schema, variables: Variables): z.output<Schema> {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) throw new Error(`the function's environment is not complete:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

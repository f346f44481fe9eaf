import { execFileSync } from "node:child_process";
import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { IotRegistryDouble, type RestAnswer } from "./iot-registry-double.ts";

type Given = Readonly<Record<string, string>>;

/**
 * KMS, Cognito and AWS IoT Core on loopback, as far as the product asks them, for the unmodified SDK: keys that sign and seal for real, a user pool, the registry with its
 * rules, and whatever was published. There is no conformance server of these in the world; what AWS does differently, this does not show.
 */
export class AwsDouble implements AsyncDisposable {
  readonly registry = new IotRegistryDouble();
  readonly published: { readonly topic: string; readonly retain: boolean; readonly message: unknown }[] = [];
  /** E-mail address and password by id. */
  readonly people = new Map<string, { readonly email: string; password?: string }>();
  /** What was asked by which function: the right that it took. */
  readonly used: { readonly by: string; readonly right: string }[] = [];
  readonly macKey = randomBytes(32);
  readonly #signingKey = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<AwsDouble> {
    const double = new AwsDouble();
    await once(double.#server.listen(0, "127.0.0.1"), "listening");
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = (await buffer(request)).toString();
    const [service = "", operation] = String(request.headers["x-amz-target"] ?? "").split(".");
    const rights = operation === undefined ? this.#restRights(request, url) : [`${services[service]}:${operation}`];
    for (const right of rights) this.used.push({ by: callerOf(request), right });
    const {
      status,
      type,
      body: answer,
    } = operation === undefined ? this.#rest(request, url, body) : this.#call(operation, JSON.parse(body) as Given);
    const error = type === undefined ? {} : { "x-amzn-errortype": type };
    response.writeHead(status, { "content-type": "application/json", ...error });
    response.end(JSON.stringify(type === undefined ? answer : { __type: type, ...answer }));
  }

  #restRights({ method = "" }: IncomingMessage, { pathname: path, searchParams }: URL): readonly string[] {
    if (path.startsWith("/issuer/")) return [];
    if (!path.startsWith("/topics/")) return [this.registry.rightFor({ method, path })];
    return searchParams.get("retain") === "true" ? ["iot:Publish", "iot:RetainPublish"] : ["iot:Publish"];
  }

  #rest({ method = "", headers }: IncomingMessage, { pathname, searchParams, origin }: URL, body: string): RestAnswer {
    if (pathname === "/issuer/.well-known/openid-configuration") return { status: 200, body: discovery(`${origin}/issuer`) };
    if (pathname.startsWith("/topics/")) {
      const topic = decodeURIComponent(pathname.slice("/topics/".length));
      this.published.push({ topic, retain: searchParams.get("retain") === "true", message: JSON.parse(body) });
      return { status: 200, body: {} };
    }
    return this.registry.answer({
      method,
      path: pathname,
      query: searchParams,
      principal: String(headers["x-amzn-principal"] ?? ""),
      body,
    });
  }

  #call(operation: string, given: Given): RestAnswer {
    const { Message = "", Username = "" } = given;
    const message = Buffer.from(Message, "base64");
    switch (operation) {
      case "GetPublicKey":
        return ok({ PublicKey: this.#signingKey.publicKey.export({ type: "spki", format: "der" }).toString("base64") });
      case "Sign":
        return ok({ Signature: this.#signDigest(message) });
      case "GenerateMac":
        return ok({ Mac: createHmac("sha256", this.macKey).update(message).digest("base64") });
      case "AdminCreateUser":
        return this.#createPerson(Username);
      case "AdminGetUser":
        return ok({ Username, UserAttributes: attributesOf(this.#idOf(Username)) });
      case "AdminSetUserPassword":
        return this.#withPerson(Username, (person) => (person.password = given["Password"] ?? ""));
      case "AdminDeleteUser":
        return this.#withPerson(Username, () => this.people.delete(Username));
      default:
        return { status: 501, type: "NotImplemented", body: { message: `the double knows no ${operation}` } };
    }
  }

  /** Node always hashes by itself; openssl signs what is hashed already. */
  #signDigest(digest: Buffer): string {
    const key = this.#signingKey.privateKey.export({ type: "pkcs8", format: "pem" });
    const folder = mkdtempSync(join(tmpdir(), "understudy-kms-"));
    writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
    const signature = execFileSync("openssl", ["pkeyutl", "-sign", "-inkey", join(folder, "key.pem")], { input: digest });
    rmSync(folder, { recursive: true });
    return signature.toString("base64");
  }

  #createPerson(email: string): RestAnswer {
    if (this.#idOf(email) !== "") return { status: 400, type: "UsernameExistsException", body: {} };
    const id = randomUUID();
    this.people.set(id, { email });
    return ok({ User: { Username: id, Attributes: attributesOf(id) } });
  }

  #withPerson(id: string, change: (person: { readonly email: string; password?: string }) => unknown): RestAnswer {
    const person = this.people.get(id);
    if (person === undefined) return { status: 400, type: "UserNotFoundException", body: {} };
    change(person);
    return ok({});
  }

  #idOf(email: string): string {
    return [...this.people].find(([, person]) => person.email === email)?.[0] ?? "";
  }
}

/** By the name that stands before an operation in a request. */
const services: Readonly<Record<string, string>> = { TrentService: "kms", AWSCognitoIdentityProviderService: "cognito-idp" };

/** Which function asks: the SDK tells the name that AWS_SDK_UA_APP_ID gives it. */
export function callerOf({ headers }: IncomingMessage): string {
  return /\bapp\/([\w-]+)/.exec(String(headers["user-agent"]))?.[1] ?? "nobody";
}

function ok(body: object): RestAnswer {
  return { status: 200, body };
}

function attributesOf(id: string): object[] {
  return [{ Name: "sub", Value: id }];
}

function discovery(issuer: string): object {
  const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
  return { issuer, ...endpoints, response_types_supported: ["code"], subject_types_supported: ["public"] };
}

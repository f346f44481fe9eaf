import { createHash, X509Certificate } from "node:crypto";

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly body: string;
}

/** An answer of AWS IoT Core's: `type` is the exception's name where it refuses. */
export interface RestAnswer {
  readonly status: number;
  readonly type?: string;
  readonly body: object;
}

interface Certificate {
  status: string;
  readonly policies: Set<string>;
  readonly things: Set<string>;
}

/** The right that each call needs, by method and path. */
const rights: Readonly<Record<string, string>> = {
  "POST certificate": "iot:RegisterCertificateWithoutCA",
  "POST things": "iot:CreateThing",
  "GET things": "iot:ListThings",
  "DELETE things": "iot:DeleteThing",
  "GET things/principals": "iot:ListThingPrincipals",
  "PUT things/principals": "iot:AttachThingPrincipal",
  "DELETE things/principals": "iot:DetachThingPrincipal",
  "PUT target-policies": "iot:AttachPolicy",
  "POST target-policies": "iot:DetachPolicy",
  "PUT certificates": "iot:UpdateCertificate",
  "DELETE certificates": "iot:DeleteCertificate",
};

const prefix = "arn:aws:iot:eu-central-1:123456789012";
const refused = (status: number, type: string, body: object = {}): RestAnswer => ({ status, type, body: { message: type, ...body } });
const done = (body: object = {}): RestAnswer => ({ status: 200, body });

/** AWS IoT Core's registry as far as nodes need it, by the rules of its documentation: what is attached or active cannot be deleted. */
export class IotRegistryDouble {
  readonly things = new Map<string, { readonly clusterId: string }>();
  readonly certificates = new Map<string, Certificate>();

  /** The right that the request needs. */
  rightFor({ method, path }: Pick<RestRequest, "method" | "path">): string {
    return rights[callOf(method, path).call] ?? "iot:unknown";
  }

  answer({ method, path, query, principal, body }: RestRequest): RestAnswer {
    const { call, name } = callOf(method, path);
    const given = (body === "" ? {} : JSON.parse(body)) as Record<string, unknown>;
    switch (call) {
      case "POST certificate":
        return this.#register(given["certificatePem"] as string, given["status"] as string);
      case "POST things":
        return this.#createThing(name, (given["attributePayload"] as { attributes: { clusterId: string } }).attributes);
      case "GET things":
        return done({ things: this.#ofCluster(query.get("attributeValue")).map((thingName) => ({ thingName })) });
      case "DELETE things":
        if (this.#principalsOf(name).length > 0) return refused(400, "InvalidRequestException");
        this.things.delete(name);
        return done();
      case "GET things/principals":
        return this.things.has(name)
          ? done({ principals: this.#principalsOf(name).map(arnOf) })
          : refused(404, "ResourceNotFoundException");
      case "PUT things/principals":
      case "DELETE things/principals":
      case "PUT target-policies":
      case "POST target-policies":
        return this.#attach(call, name, principal === "" ? String(given["target"]) : principal);
      case "PUT certificates":
        return this.#withCertificate(name, (certificate) => (certificate.status = query.get("newStatus") ?? ""));
      case "DELETE certificates":
        return this.#deleteCertificate(name);
      default:
        return refused(501, "NotImplemented", { message: `the double knows no ${call}` });
    }
  }

  #register(pem: string, status: string): RestAnswer {
    const certificateId = createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
    const told = { certificateId, certificateArn: arnOf(certificateId) };
    if (this.certificates.has(certificateId)) {
      return refused(409, "ResourceAlreadyExistsException", { resourceId: certificateId, resourceArn: arnOf(certificateId) });
    }
    this.certificates.set(certificateId, { status, policies: new Set(), things: new Set() });
    return done(told);
  }

  #createThing(name: string, attributes: { readonly clusterId: string }): RestAnswer {
    const before = this.things.get(name);
    if (before !== undefined && before.clusterId !== attributes.clusterId) return refused(409, "ResourceAlreadyExistsException");
    this.things.set(name, attributes);
    return done({ thingName: name });
  }

  #attach(call: string, name: string, arn: string): RestAnswer {
    if (call.includes("things") && !this.things.has(name)) return refused(404, "ResourceNotFoundException");
    return this.#withCertificate(arn.slice(arn.lastIndexOf("/") + 1), (certificate) => {
      const attached = call.includes("things") ? certificate.things : certificate.policies;
      if (call.startsWith("PUT")) attached.add(name);
      else attached.delete(name);
    });
  }

  #deleteCertificate(id: string): RestAnswer {
    const certificate = this.certificates.get(id);
    if (certificate?.status === "ACTIVE") return refused(406, "CertificateStateException");
    if (certificate !== undefined && certificate.policies.size + certificate.things.size > 0)
      return refused(409, "DeleteConflictException");
    return this.#withCertificate(id, () => this.certificates.delete(id));
  }

  #withCertificate(id: string, change: (certificate: Certificate) => unknown): RestAnswer {
    const certificate = this.certificates.get(id);
    if (certificate === undefined) return refused(404, "ResourceNotFoundException");
    change(certificate);
    return done();
  }

  #principalsOf(thing: string): string[] {
    return [...this.certificates].flatMap(([id, { things }]) => (things.has(thing) ? [id] : []));
  }

  #ofCluster(clusterId: string | null): string[] {
    return [...this.things].flatMap(([name, thing]) => (thing.clusterId === clusterId ? [name] : []));
  }
}

function callOf(method: string, path: string): { readonly call: string; readonly name: string } {
  const [, kind, name = "", part] = path.split("/").map(decodeURIComponent);
  return { call: `${method} ${kind}${part === undefined ? "" : `/${part}`}`, name };
}

function arnOf(certificateId: string): string {
  return `${prefix}:cert/${certificateId}`;
}

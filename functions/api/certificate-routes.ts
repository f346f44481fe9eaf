import type { OpenAPIHono } from "@hono/zod-openapi";
import { nextCertificateAnswerSchema, nextCertificateSchema } from "../../shared/protocol/certificate-schemas.ts";
import { nameNextCertificate } from "../use-cases/name-next-certificate.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, jsonBody } from "./route-parts.ts";

const next = apiRoute({
  method: "post",
  path: "/v1/node-certificate",
  "x-access": "public",
  tags: ["nodes"],
  summary: "A node has made itself another key, and asks that the cluster document names it",
  description:
    "No sign-in: the request is signed with the key of a node that the cluster document names, and with the new one. Both count until everybody knows the new one. Idempotent.",
  request: { body: jsonBody(nextCertificateSchema) },
  responses: answers(200, "from which version of the document on it is named", nextCertificateAnswerSchema),
});

export function certificateRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(next, async (c) =>
    answer(c, nextCertificateAnswerSchema, 200, await nameNextCertificate(c.get("acting"), c.req.valid("json"))),
  );
}

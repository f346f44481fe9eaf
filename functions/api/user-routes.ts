import type { OpenAPIHono } from "@hono/zod-openapi";
import {
  createUserSchema,
  putUserSchema,
  userListSchema,
  userPathSchema,
  userSchema,
  userWithPasswordSchema,
} from "../../shared/protocol/access-contract.ts";
import type { User } from "../store/user-store.ts";
import { changeUser, createUser, listUsers, removeUser, resetPassword } from "../use-cases/users.ts";
import type { ApiEnv } from "./api-env.ts";
import { apiRoute } from "./api-route.ts";
import { answer, answers, jsonBody } from "./route-parts.ts";

const tags = ["users"];
const access = { role: "owner", reach: "own" } as const;

const create = apiRoute({
  method: "post",
  path: "/v1/users",
  "x-access": access,
  tags,
  summary: "Let a person in, with no more than the caller has",
  request: { body: jsonBody(createUserSchema) },
  responses: answers(201, "the user: the first password is shown here and never again", userWithPasswordSchema),
});
const list = apiRoute({
  method: "get",
  path: "/v1/users",
  "x-access": access,
  tags,
  summary: "The users who may do no more than the caller, oldest first",
  responses: answers(200, "the users", userListSchema),
});
const put = apiRoute({
  method: "put",
  path: "/v1/users/{userId}",
  "x-access": access,
  tags,
  summary: "Change what a user may do, from now on and in open sessions too",
  request: { params: userPathSchema, body: jsonBody(putUserSchema) },
  responses: answers(200, "the user", userSchema),
});
const remove = apiRoute({
  method: "delete",
  path: "/v1/users/{userId}",
  "x-access": access,
  tags,
  summary: "Remove a user: open sessions end at once; the API keys that they have made stay",
  request: { params: userPathSchema },
  responses: answers(200, "the user that was removed", userSchema),
});
const reset = apiRoute({
  method: "post",
  path: "/v1/users/{userId}/password",
  "x-access": access,
  tags,
  summary: "Give a user a new password, and end all sessions",
  request: { params: userPathSchema },
  responses: answers(201, "the user: the password is shown here and never again", userWithPasswordSchema),
});

export function userRoutes(api: OpenAPIHono<ApiEnv>): void {
  api.openapi(create, async (c) => {
    const { user, password } = await createUser(c.get("acting"), c.get("principal"), c.req.valid("json"));
    return answer(c, userWithPasswordSchema, 201, { user: userBody(user), password });
  });
  api.openapi(list, async (c) =>
    answer(c, userListSchema, 200, { users: (await listUsers(c.get("acting"), c.get("principal"))).map(userBody) }),
  );
  api.openapi(put, async (c) => {
    const user = await changeUser(c.get("acting"), c.get("principal"), c.req.valid("param").userId, c.req.valid("json").access);
    return answer(c, userSchema, 200, userBody(user));
  });
  api.openapi(remove, async (c) =>
    answer(c, userSchema, 200, userBody(await removeUser(c.get("acting"), c.get("principal"), c.req.valid("param").userId))),
  );
  api.openapi(reset, async (c) => {
    const { user, password } = await resetPassword(c.get("acting"), c.get("principal"), c.req.valid("param").userId);
    return answer(c, userWithPasswordSchema, 201, { user: userBody(user), password });
  });
}

function userBody({ userId, email, access, createdAt, createdBy }: User) {
  return { userId, email, access, createdAt, createdBy };
}

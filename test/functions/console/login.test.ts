import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPath } from "../../../functions/console/login/login-routes.ts";
import { consoleSessions } from "../../../functions/console/routes.ts";
import type { User } from "../../../functions/store/user-store.ts";
import { administrator, type ConsoleServer, startConsoleServer } from "./console-server.ts";
import { csrfIn, HttpVisitor } from "./http-visitor.ts";
import { MemoryConsoleData } from "./memory-console-data.ts";

let server: ConsoleServer;
let dataDir = "";
let nowMs = Date.now();

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "understudy-login-"));
  server = await startConsoleServer({ data: new MemoryConsoleData(), dataDir, nowMs: () => nowMs });
  await server.letIn("viewer@example.com", "only for looking", "viewer");
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const sessionCookie = (visitor: HttpVisitor) => visitor.cookies.get("understudy_session")?.value ?? "";

describe("login, over HTTP against the real issuer", () => {
  it("nobody is logged in: every page leads to the login, and back to where one wanted to go", async () => {
    const visitor = new HttpVisitor(server.url);
    const answer = await visitor.request("/?q=acme");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/login?next=%2F%3Fq%3Dacme"]);
    const { path, response } = await visitor.logIn("/?q=acme", administrator);
    expect([path, response.status]).toEqual(["/?q=acme", 200]);
    expect(await response.text()).toContain(administrator.email);
  });

  it("the session's cookie: HttpOnly, SameSite=Lax, and unreadable", async () => {
    const visitor = new HttpVisitor(server.url);
    const form = await visitor.visit("/");
    const posted = await visitor.post(form.path, administrator);
    const resumed = await visitor.request(posted.headers.get("location") ?? "");
    const callback = await visitor.request(resumed.headers.get("location") ?? "");
    const line = callback.headers.getSetCookie().find((cookie) => cookie.startsWith("understudy_session=")) ?? "";
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/SameSite=Lax/);
    expect(Buffer.from(sessionCookie(visitor).split(".")[3] ?? "", "base64url").toString()).not.toContain(administrator.email);
  });

  it("a wrong password: the form again with the reason and the address, and no session", async () => {
    const visitor = new HttpVisitor(server.url);
    const { response } = await visitor.logIn("/", { ...administrator, password: "wrong" });
    expect(response.status).toBe(401);
    const page = await response.text();
    expect(page).toContain("E-mail address or password is wrong.");
    expect(page).toContain(`value="${administrator.email}"`);
    expect(sessionCookie(visitor)).toBe("");
  });

  it("too many wrong passwords: refused unseen, even the right one, until the wait is over", async () => {
    const guessed = { email: "guessed@example.com", password: "the right password" };
    await server.letIn(guessed.email, guessed.password, "viewer");
    const visitor = new HttpVisitor(server.url);
    for (let guess = 0; guess < 5; guess += 1) await visitor.logIn("/", { ...guessed, password: `guess ${guess}` });
    const refused = await visitor.logIn("/", guessed);
    expect(refused.response.status).toBe(429);
    expect(await refused.response.text()).toContain("Try again in 15 seconds");
    nowMs += 16_000;
    expect((await visitor.logIn("/", guessed)).response.status).toBe(200);
  });

  it("logged out: the cookie is gone, and the next login asks for the password again", async () => {
    const visitor = new HttpVisitor(server.url);
    const { response } = await visitor.logIn("/", administrator);
    const { path } = await visitor.follow(await visitor.post("/logout", { csrf: csrfIn(await response.text()) }), "/logout");
    expect(path).toBe("/logged-out");
    expect(sessionCookie(visitor)).toBe("");
    const again = await visitor.visit("/");
    expect(again.path).toMatch(/^\/oidc\/interaction\//);
    expect(await again.response.text()).toContain("Password");
  });

  it("the server restarts: whoever was logged in still is", async () => {
    const visitor = new HttpVisitor(server.url);
    await visitor.logIn("/", administrator);
    const port = Number(new URL(server.url).port);
    await server.close();
    server = await startConsoleServer({ data: new MemoryConsoleData(), dataDir, port, nowMs: () => nowMs });
    expect((await visitor.visit("/")).path).toBe("/");
  });

  it("the same cookie read for the API: who it is, and nobody once it is changed, expired or another's key", async () => {
    const visitor = new HttpVisitor(server.url);
    await visitor.logIn("/", { email: "viewer@example.com", password: "only for looking" });
    const cookie = sessionCookie(visitor);
    const { identity, sessionKey } = server.accounts;
    const access = { role: "viewer", customers: "all" } as const;
    let user: User | undefined = {
      userId: "x",
      email: "viewer@example.com",
      access,
      createdAt: "",
      createdBy: "",
      sessionsFrom: "1970-01-01T00:00:00Z",
    };
    const read = (header: string, key = sessionKey, laterMs = 0) =>
      consoleSessions({ identity, sessionKey: key, nowMs: () => nowMs + laterMs, findUser: async () => user }).readSession(header);
    expect(await read(`other=1; understudy_session=${cookie}`)).toMatchObject({ email: "viewer@example.com", access });
    // In the middle: the last letters of base64 may have bits that say nothing.
    const changed = `${cookie.slice(0, 20)}${cookie[20] === "A" ? "B" : "A"}${cookie.slice(21)}`;
    expect(await read(`understudy_session=${changed}`)).toBeNull();
    expect(await read(`understudy_session=${cookie}`, new Uint8Array(32))).toBeNull();
    expect(await read(`understudy_session=${cookie}`, sessionKey, 13 * 3_600_000)).toBeNull();
    expect(await read("")).toBeNull();
    user = { ...user, sessionsFrom: new Date(nowMs + 1_000).toISOString() };
    expect(await read(`understudy_session=${cookie}`)).toBeNull();
    user = undefined;
    expect(await read(`understudy_session=${cookie}`)).toBeNull();
  });

  it("a callback that this browser did not ask for: no session, and a way on", async () => {
    const visitor = new HttpVisitor(server.url);
    const answer = await visitor.request("/login/callback?code=stolen&state=guessed");
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Log in again");
    expect(sessionCookie(visitor)).toBe("");
  });

  it("an issuer's page that has expired: says so, with a way on", async () => {
    const answer = await new HttpVisitor(server.url).request("/oidc/interaction/long-gone");
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("This login has expired.");
  });

  it("a request to the issuer without PKCE: refused", async () => {
    const query = new URLSearchParams({
      client_id: server.accounts.identity.clientId,
      redirect_uri: `${server.url}/login/callback`,
      response_type: "code",
      scope: "openid",
      state: "s",
    });
    const answer = await new HttpVisitor(server.url).request(`/oidc/auth?${query.toString()}`);
    expect(answer.headers.get("location")).toMatch(/error=invalid_request/);
  });
});

describe("where a login leads", () => {
  it.each([undefined, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/login?next=/", "/a\nb"])(
    "%j: the fleet",
    (next) => expect(localPath(next)).toBe("/"),
  );
  it("a page of the console: that page", () => expect(localPath("/clusters/clus_1?from=2")).toBe("/clusters/clus_1?from=2"));
});

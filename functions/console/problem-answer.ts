import type { Context } from "hono";
import { apiErrorStatus } from "../../shared/protocol/errors.ts";
import type { Log } from "../dependencies.ts";
import { OutsideScopeError } from "../store/store-error.ts";
import { outsideScope } from "../use-cases/access-refusal.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ConsoleEnv } from "./guard.ts";
import { messagePage } from "./pages/message-page.ts";
import type { Shell } from "./pages/shell.ts";
import type { Session } from "./session.ts";

/** The one place where something thrown becomes a page. A refusal tells its cause; a fault of ours tells nothing but its number. */
export function answerError(error: Error, c: Context<ConsoleEnv>, shell: Shell, log: Log): Response | Promise<Response> {
  const session: Session | undefined = c.get("session");
  if (c.req.header("hx-request") !== undefined) takeWholePage(c);
  const refusal = error instanceof OutsideScopeError ? outsideScope() : error;
  if (error instanceof OutsideScopeError)
    log.error(
      { err: error, requestId: c.get("requestId"), path: c.req.path },
      "a visitor was let in, and only the store has kept them from another customer's",
    );
  if (session !== undefined && refusal instanceof Refusal) {
    c.set("refused", refusal);
    if (refusal.retryAfterSeconds !== undefined) c.header("Retry-After", String(refusal.retryAfterSeconds));
    const status = apiErrorStatus[refusal.code];
    return c.html(messagePage(shell, session, { title: "That was refused", text: causeOf(refusal), nextStep: refusal.nextStep }), status);
  }
  const requestId = crypto.randomUUID();
  log.error({ requestId, path: c.req.path, error: error.message, stack: error.stack }, "the console failed to answer");
  if (session === undefined) return c.text(`The console could not answer; the log has it as ${requestId}. Try again.`, 500);
  const text = "The console could not answer. What the agents do is not touched by it.";
  return c.html(
    messagePage(shell, session, { title: "Something went wrong", text, nextStep: `Try again; the log has it as ${requestId}.` }),
    500,
  );
}

/** A form that was sent for a part of the page: what went wrong is no part, it takes the place of the page's content. */
function takeWholePage(c: Context<ConsoleEnv>): void {
  for (const name of ["HX-Retarget", "HX-Reselect"]) c.header(name, "#main");
  c.header("HX-Reswap", "outerHTML");
}

export function notFound(c: Context<ConsoleEnv>, shell: Shell, what: string): Response | Promise<Response> {
  const message = { title: "Not found", text: `There is no such ${what}.`, nextStep: "Look for it in the fleet." };
  c.set("refused", new Refusal("not-found", message.text, message.nextStep));
  return c.html(messagePage(shell, c.get("session"), message), 404);
}

/** For a form that is shown again. */
export function problemText(c: Context<ConsoleEnv>, refusal: Refusal): string {
  c.set("refused", refusal);
  return refusalText(refusal);
}

/** The same for a page that says beforehand what would be refused: nobody has tried it. */
export function refusalText(refusal: Refusal): string {
  return `${causeOf(refusal)} ${refusal.nextStep}`;
}

/** The cause, and every single problem where there are several: the next step speaks of them. */
function causeOf({ message, problems }: Refusal): string {
  return [message, ...problems.map((problem) => problem.message)].map(sentence).join(" ");
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

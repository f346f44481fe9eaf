import { readFile } from "node:fs/promises";
import { createTransport } from "nodemailer";
import type { EmailAction } from "../../../shared/domain/triggers/trigger.ts";
import type { TriggerSettings } from "../../config/trigger-settings.ts";
import { GivenUp } from "../carry-out.ts";
import type { Told } from "./told.ts";

/** Of each step with the mail server. */
const patienceMs = 8_000;

/** Why it could never be sent from this node; null: it can. */
export function emailProblem({ smtp }: TriggerSettings): string | null {
  return smtp === undefined ? "this node's settings name no mail server (triggers.smtp)" : null;
}

/** One message to all recipients; its id is made of the occurrence's, so that a mail server or a reader can tell a repeat. */
export async function sendEmail(action: EmailAction, { smtp }: TriggerSettings, told: Told): Promise<string> {
  if (smtp === undefined) throw new GivenUp("this node's settings name no mail server (triggers.smtp)");
  const { host, port, security, from, user, passwordFile } = smtp;
  const pass = passwordFile === undefined ? "" : (await readFile(passwordFile, "utf8")).trim();
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(user === undefined ? {} : { auth: { user, pass } }),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    // Nothing of a message is ever read from a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...action.to],
      subject: action.subject,
      text: `${action.text}\n\nDue:        ${told.dueAt}\nOccurrence: ${told.occurrence}\nBy:         ${told.node}\nThe same message may come more than once; its occurrence stays the same.\n`,
      messageId: `<${told.occurrence.replaceAll(/[^\w.-]/g, ".")}.${action.name}@${told.cluster}>`,
      headers: { "X-Understudy-Occurrence": `${told.cluster}/${told.occurrence}`, "X-Understudy-Epoch": String(told.epoch) },
    });
  } catch (error) {
    // What a mail server refuses for good (5xx to the message or its recipients) it would refuse again.
    if (isRefusedForGood(error)) throw new GivenUp(error.message);
    throw error;
  } finally {
    transport.close();
  }
  return `taken by ${host}`;
}

function isRefusedForGood(error: unknown): error is Error {
  return error instanceof Error && "responseCode" in error && typeof error.responseCode === "number" && error.responseCode >= 500;
}

import { type UserDirectory, UserDirectoryError } from "../user-directory.ts";

/** A control plane that was deployed without the console: programs with API keys use it, and nobody signs in. */
export const noSignIns: UserDirectory = {
  ensure: refuse,
  resetPassword: refuse,
  remove: refuse,
};

async function refuse(): Promise<never> {
  throw new UserDirectoryError(
    "this control plane was deployed without a console, so there are no sign-ins: deploy it with one, or make API keys",
  );
}

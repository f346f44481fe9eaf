import type { Page } from "playwright-core";

export interface Login {
  readonly email: string;
  readonly password: string;
}

/** Through the issuer's form, as a person does; ends on the page that was asked for. */
export async function logIn(page: Page, consoleUrl: string, path: string, login: Login): Promise<void> {
  await page.goto(new URL(path, consoleUrl).href);
  await page.getByLabel("E-mail address").fill(login.email);
  await page.getByLabel("Password").fill(login.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(new URL(path, consoleUrl).href);
}

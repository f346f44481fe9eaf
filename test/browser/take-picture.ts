import { chromiumMissing, startChromium } from "./chromium.ts";
import { type Login, logIn } from "./log-in.ts";

export interface PictureRequest {
  /** Where the console listens, e.g. `http://127.0.0.1:8080`. */
  readonly consoleUrl: string;
  readonly login: Login;
  /** Path of the page, e.g. `/clusters/clus_...`. */
  readonly path: string;
  /** Where to write the PNG; replaced if it is there. */
  readonly file: string;
  /** Default light. */
  readonly colorScheme?: "light" | "dark";
}

/** The README's picture: a page of the running console, 1280 by 800, light. Rejects where there is no Chromium, the login fails or the page is an error. */
export async function takePicture(request: PictureRequest): Promise<void> {
  if (chromiumMissing !== null) throw new Error(`${chromiumMissing}: install Debian's chromium, or set CHROMIUM_PATH`);
  const chromium = await startChromium({ width: 1280, height: 800, colorScheme: request.colorScheme ?? "light" });
  try {
    const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
    await logIn(page, request.consoleUrl, request.path, request.login);
    const answer = await page.reload({ waitUntil: "networkidle" });
    if (answer?.ok() !== true) throw new Error(`${request.path} answered ${answer?.status() ?? "nothing"}: no picture was taken`);
    await page.evaluate("document.fonts.ready");
    await page.screenshot({ path: request.file });
  } finally {
    await chromium.close();
  }
}

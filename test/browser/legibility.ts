import type { Page } from "playwright-core";

/** Links, buttons and fields that a screen reader could not name. Source text, because it runs in the page. */
export async function unnamedControls(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const named = (element) =>
      element.getAttribute("aria-label") || element.textContent.trim() || element.title || [...(element.labels ?? [])].some((label) => label.textContent.trim());
    return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
      .filter((element) => !named(element)).map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

/** WCAG AA: 4.5 for text, 3 where it is large. Text in pictures is left to the tokens, which are the same. */
export async function lowContrasts(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const channel = (value) => { const part = value / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
    const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    const groundOf = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const colour = rgba(getComputedStyle(at).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (walker.currentNode.textContent.trim() === "" || element.closest("svg, script, [hidden], .visually-hidden") || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const [one, other] = [luminance(rgba(style.color)), luminance(groundOf(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5)) found.push(contrast.toFixed(2) + " " + walker.currentNode.textContent.trim().slice(0, 40));
    }
    return [...new Set(found)];
  })()`);
}

// A person at VS Code in a browser, as a process of the world outside: started by seat.ts, told by messages what to do. Takes
// Playwright's directory, the address to open and a directory for pictures of the screen.

import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "./playwright.ts";

export type Order =
  | { readonly kind: "press"; readonly keys: string }
  | { readonly kind: "type"; readonly text: string }
  /** By what the palette calls it. */
  | { readonly kind: "command"; readonly name: string }
  /** Waits for it. */
  | { readonly kind: "see"; readonly selector: string }
  /** As the palette's Reload Window. */
  | { readonly kind: "reload" };

const [playwright = "", address = "", pictures = ""] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright) as { readonly chromium: Browser };
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
let taken = 0;

process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => void carryOut(order).then(answer, (error: Error) => answer(error.message)));
await open();
await answer();

async function open(): Promise<void> {
  await page.goto(address);
  await page.waitForSelector(".monaco-workbench .statusbar", { timeout: 60_000 });
}

async function carryOut(order: Order): Promise<undefined> {
  if (order.kind === "press") await page.keyboard.press(order.keys);
  if (order.kind === "type") await page.keyboard.type(order.text, { delay: 5 });
  if (order.kind === "see") await page.waitForSelector(order.selector, { timeout: 60_000 });
  if (order.kind === "command") await command(page, order.name);
  if (order.kind === "reload") await open();
  return undefined;
}

/** Opened anew where it was not listed: after a start, commands of extensions come late. */
async function command(on: Page, name: string, more = 4): Promise<void> {
  await on.keyboard.press("F1");
  await on.waitForSelector(".quick-input-widget input", { timeout: 60_000 });
  await on.keyboard.type(name, { delay: 5 });
  const row = `.quick-input-list .monaco-list-row[aria-label*="${name}"]`;
  const listed = on.waitForSelector(row, { timeout: 15_000 }).then(() => true);
  if (more === 0 || (await listed.catch(() => false))) {
    await listed;
    await on.keyboard.press("Enter");
    return;
  }
  await on.keyboard.press("Escape");
  await command(on, name, more - 1);
}

async function answer(failed?: string): Promise<void> {
  taken += 1;
  await page.screenshot({ path: join(pictures, `${taken}.png`) }).catch(() => undefined);
  process.send?.({ failed });
}

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import bundled from '@sparticuz/chromium';

/** What tests use of playwright-core. Its own types need the library of the DOM, which nothing else here may use. */
export interface Page {
  setDefaultTimeout(timeoutMs: number): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  waitForSelector(selector: string): Promise<unknown>;
  waitForFunction(expression: string): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  getAttribute(selector: string, name: string): Promise<string | null>;
}

export interface Browser extends AsyncDisposable {
  newPage(options: { readonly viewport: { readonly width: number; readonly height: number } }): Promise<Page>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Headless Chromium: that of CHROMIUM_PATH, or an installed one, or the one in the package @sparticuz/chromium. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = createRequire(import.meta.url)('playwright-core') as Playwright;
  const given = process.env['CHROMIUM_PATH'] ?? INSTALLED.find((path) => existsSync(path));
  if (given !== undefined) return chromium.launch({ executablePath: given, args: ['--no-sandbox'] });
  return chromium.launch({ executablePath: await bundled.executablePath(), args: bundled.args });
}

import { existsSync } from 'node:fs';
import bundled from '@sparticuz/chromium';
import { chromium, type Browser } from 'playwright-core';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Headless Chromium: that of CHROMIUM_PATH, or an installed one, or the one in the package @sparticuz/chromium. */
export async function launchBrowser(): Promise<Browser> {
  const given = process.env['CHROMIUM_PATH'] ?? INSTALLED.find((path) => existsSync(path));
  if (given !== undefined) return chromium.launch({ executablePath: given, args: ['--no-sandbox'] });
  return chromium.launch({ executablePath: await bundled.executablePath(), args: bundled.args });
}

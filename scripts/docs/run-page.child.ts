/** Runs the main module of a page, and tells the parent process how it ended. */

import { pathToFileURL } from 'node:url';
import { page } from './page-runtime.js';

export type ChildMessage =
  | { readonly began: number }
  | { readonly failed: string; readonly stack: string; readonly line: number }
  | { readonly ended: true };

function tell(message: ChildMessage): void {
  process.send?.(message);
}

const [main = ''] = process.argv.slice(2);
try {
  await import(pathToFileURL(main).href);
} catch (error) {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  tell({ failed: message, stack: stack ?? '', line: page.currentLine });
} finally {
  await page.close();
}
tell({ ended: true });
// Not process.exit(): what a page leaves open must show itself.
process.disconnect();

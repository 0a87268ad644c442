// npm run docs:generate: writes the pages below docs/reference/ from the source, and llms.txt from all pages.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { llmsIndex } from './llms.js';
import { PROJECT, REFERENCE } from './pages.js';
import { referencePages } from './reference-pages.js';

function write(path: string, text: string): void {
  const file = join(PROJECT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

// All is made before anything is removed: a failure leaves what was there.
const pages = referencePages();
const index = llmsIndex();
// A page that is generated no more must not stay.
rmSync(join(PROJECT, REFERENCE), { recursive: true, force: true });
for (const [path, text] of pages) write(path, text);
write('llms.txt', index);

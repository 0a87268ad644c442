// node scripts/check-release.mjs v1.2.3: whether that tag may be published. Package, code and changelog have to agree.
import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const [tag = ''] = process.argv.slice(2);
const { version, repository } = JSON.parse(read('package.json'));
const problems = [];

if (tag !== `v${version}`) problems.push(`the tag is '${tag}', but package.json says ${version}`);
if (!read('src/version.ts').includes(`DRIVER_VERSION = '${version}'`)) {
  problems.push(`src/version.ts does not say ${version}`);
}
const heading = read('CHANGELOG.md')
  .split('\n')
  .find((line) => line.startsWith(`## [${version}]`));
if (heading === undefined) problems.push(`CHANGELOG.md has no section '## [${version}] - YYYY-MM-DD'`);
else if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading)) problems.push(`CHANGELOG.md gives ${version} no date: '${heading}'`);

// npm compares it with where the workflow runs, and refuses provenance without it.
if (repository === undefined) problems.push('package.json names no repository');

if (problems.length > 0) {
  console.error(`Not to be released:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  process.exit(1);
}
console.log(`${tag} may be released.`);

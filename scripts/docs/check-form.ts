/** What blocks that are not run must still be: well-formed, and about npm scripts that exist. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parse as parseYaml } from 'yaml';
import { blocksOf, type Block } from './blocks.js';
import { PROJECT, type Page } from './pages.js';

const LANGUAGES = ['ts', 'cql', 'sh', 'js', 'json', 'yaml', 'text', 'python', 'html'];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ts: ['check'],
  cql: ['skip'],
  text: ['output'],
  // Run by test/integration/docs/migration.test.ts.
  js: ['cassandra-driver'],
};

function npmScripts(): ReadonlySet<string> {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return new Set(Object.keys(scripts));
}

function shellProblems(text: string): string[] {
  const scripts = npmScripts();
  const asked = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    ([, run, short]) => run ?? short ?? '',
  );
  return asked.filter((name) => !scripts.has(name)).map((name) => `package.json has no script ${name}`);
}

function javaScriptProblems(text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: 'block.js', reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function parseProblems(parse: (text: string) => unknown, text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function problemsOf({ language, words, text }: Block): string[] {
  if (!LANGUAGES.includes(language))
    return [`'${language}' is no language of the documentation: ${LANGUAGES.join(', ')}`];
  const unknown = words.filter((word) => WORDS[language]?.includes(word) !== true);
  if (unknown.length > 0) return [`'${unknown.join(' ')}' means nothing behind ${language}`];
  switch (language) {
    case 'sh':
      return shellProblems(text);
    case 'js':
      return javaScriptProblems(text);
    case 'json':
      return parseProblems(JSON.parse, text);
    case 'yaml':
      return parseProblems(parseYaml, text);
    default:
      return [];
  }
}

/** A comment that looks like a set-up but is none would silently do nothing. */
function brokenSetups(page: Page, blocks: readonly Block[]): string[] {
  const known = new Set(blocks.filter(({ hidden }) => hidden).map(({ line }) => line));
  return page.text
    .split('\n')
    .flatMap((text, index) => (/<!--\s*setup/.test(text) && !known.has(index + 1) ? [index + 1] : []))
    .map(
      (line) =>
        `${page.path}:${String(line)}: write the set-up as '<!-- setup: ts' or '<!-- setup: cql', then lines, then '-->'`,
    );
}

export function formProblems(page: Page): string[] {
  const blocks = blocksOf(page);
  const problems = blocks.flatMap((block) =>
    problemsOf(block).map((problem) => `${page.path}:${String(block.line)}: ${problem}`),
  );
  return [...problems, ...brokenSetups(page, blocks)];
}

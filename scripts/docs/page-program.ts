/**
 * A page as a program. Every module has the page's own line numbers: what is no code is an empty line, and the lines
 * of the fences hold what ties the blocks together. So errors need no translation.
 *
 * A `ts` block that imports from 'async-cassandra…' is a whole program: a module of its own. All others follow each
 * other in one module. Each is nested in the scope of those before it: it sees their variables and may declare the
 * same name anew. In scope are `cluster`, `session` and all that 'async-cassandra' exports.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, type Block } from './blocks.js';
import { namesInCql, namesInTypeScript, type RunNames } from './example-names.js';
import { PROJECT, type Page } from './pages.js';

export interface Module {
  readonly name: string;
  readonly text: string;
}

export interface PageProgram {
  /** Runs all blocks in order. */
  readonly main: Module;
  /** The same with the blocks that are only type-checked. */
  readonly typed: Module;
  /** The blocks that are whole programs. */
  readonly programs: readonly Module[];
}

/** A `ts` block, with what it needs to be a part of a module. */
interface Part {
  readonly block: Block;
  readonly isProgram: boolean;
  readonly isRun: boolean;
  readonly code: string;
  readonly imports: readonly string[];
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true);
}

function importsOf(code: string): ts.ImportDeclaration[] {
  return parse(code).statements.filter((statement) => ts.isImportDeclaration(statement));
}

function isWholeProgram(block: Block): boolean {
  return importsOf(block.text).some(
    ({ moduleSpecifier }) => ts.isStringLiteral(moduleSpecifier) && /^async-cassandra(\/|$)/.test(moduleSpecifier.text),
  );
}

/** Imports stand at the top of a module: taken out of the code, without moving a line. */
function withoutImports(code: string): { readonly code: string; readonly imports: string[] } {
  const imports = importsOf(code);
  const rest = imports.reduceRight((text, node) => {
    const blank = node.getText().replaceAll(/[^\n]/g, ' ');
    return text.slice(0, node.getStart()) + blank + text.slice(node.getEnd());
  }, code);
  return { code: rest, imports: imports.map((node) => node.getText().replaceAll('\n', ' ')) };
}

/** A hidden block belongs to the next one that readers see: same module, and run only if that is. */
function partsOf(blocks: readonly Block[], names: RunNames): Map<Block, Part> {
  const parts = new Map<Block, Part>();
  let next: Part | undefined;
  for (const block of blocks.filter(({ language }) => language === 'ts').reverse()) {
    const owner = block.hidden ? next : undefined;
    const isProgram = owner?.isProgram ?? (!block.hidden && isWholeProgram(block));
    const isRun = owner?.isRun ?? !block.words.includes('check');
    const code = namesInTypeScript(block.text, names);
    next = { block, isProgram, isRun, ...(isProgram ? { code, imports: [] } : withoutImports(code)) };
    parts.set(block, next);
  }
  return parts;
}

/** What the package's main entry exports, as an import statement. */
function importOfEverything(): string {
  const entry = parse(readFileSync(join(PROJECT, 'dist/index.d.ts'), 'utf8'));
  const names = entry.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return [];
    const { exportClause, isTypeOnly } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.map(
      (element) => `${isTypeOnly || element.isTypeOnly ? 'type ' : ''}${element.name.text}`,
    );
  });
  return `import { ${names.join(', ')} } from 'async-cassandra';`;
}

/** Modules lie three folders below the project's: see page-files.ts. */
const PRELUDE = "import { cluster, page, session } from '../../../scripts/docs/page-runtime.js';";

/** Text at lines; line 0 is no line of a page: it goes in front of the first. */
class Lines {
  readonly #lines: string[];

  constructor(count: number) {
    this.#lines = Array.from({ length: count + 1 }, () => '');
  }

  put(line: number, text: string): void {
    text.split('\n').forEach((part, index) => {
      this.#lines[line + index] = `${this.#lines[line + index] ?? ''}${part} `;
    });
  }

  toString(): string {
    const [before = '', ...lines] = this.#lines;
    return before + lines.join('\n');
  }
}

function programName(block: Block): string {
  return `program-${String(block.line)}`;
}

function mainModule(
  name: string,
  page: Page,
  blocks: readonly Block[],
  names: RunNames,
  takes: (part: Part) => boolean,
): Module {
  const lines = new Lines(page.text.split('\n').length);
  const parts = partsOf(blocks, names);
  const imports = new Set<string>();
  let depth = 0;
  for (const block of blocks) {
    const line = String(block.line);
    const part = parts.get(block);
    if (block.language === 'cql' && !block.words.includes('skip')) {
      lines.put(block.line, `await page.cql(${line}, ${JSON.stringify(namesInCql(block.text, names))});`);
    } else if (block.language === 'text' && block.words.includes('output')) {
      lines.put(block.line, `page.compareOutput(${line}, ${JSON.stringify(block.text)});`);
    }
    if (part === undefined || !takes(part)) continue;
    if (part.isProgram) {
      if (!block.hidden)
        lines.put(block.line, `await page.program(${line}, () => import('./${programName(block)}.js'));`);
      continue;
    }
    for (const statement of part.imports) imports.add(statement);
    lines.put(block.line, `{ page.begin(${line});`);
    lines.put(block.line + 1, part.code);
    depth++;
  }
  lines.put(0, [importOfEverything(), PRELUDE, ...imports].join(' '));
  return { name, text: `${lines.toString()}\n${'}'.repeat(depth)}\nexport {};\n` };
}

function programModules(page: Page, blocks: readonly Block[], names: RunNames): Module[] {
  const modules: Module[] = [];
  let hidden: Part[] = [];
  for (const part of [...partsOf(blocks, names).values()].reverse().filter(({ isProgram }) => isProgram)) {
    hidden.push(part);
    if (part.block.hidden) continue;
    const lines = new Lines(page.text.split('\n').length);
    for (const { block, code } of hidden) lines.put(block.line + 1, code);
    hidden = [];
    modules.push({ name: programName(part.block), text: lines.toString() });
  }
  return modules;
}

export function pageProgram(page: Page, names: RunNames): PageProgram {
  const blocks = blocksOf(page);
  return {
    main: mainModule('main', page, blocks, names, ({ isRun }) => isRun),
    typed: mainModule('typed', page, blocks, names, ({ isRun, isProgram }) => isRun || !isProgram),
    programs: programModules(page, blocks, names),
  };
}

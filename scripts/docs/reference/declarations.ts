/** What the built declarations (dist/**\/*.d.ts), which are what users get, say of a name. */

import { join } from 'node:path';
import ts from 'typescript';
import { PROJECT } from '../pages.js';

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly doc: string;
}

export interface Exported {
  readonly name: string;
  readonly kind: 'class' | 'function' | 'type' | 'value';
  readonly doc: string;
  /** The declarations, without their docstring and without what is private. */
  readonly text: string;
}

/** The package's entries, by what users import. */
export const ENTRIES = {
  'async-cassandra': 'index',
  'async-cassandra/embedded': 'embedded/index',
  'async-cassandra/fastify': 'fastify/index',
  'async-cassandra/metrics/opentelemetry': 'metrics/opentelemetry/index',
  'async-cassandra/metrics/prometheus': 'metrics/prometheus/index',
  'async-cassandra/testing': 'testing/index',
} as const;

export type Entry = keyof typeof ENTRIES;

function pathOf(module: string): string {
  return join(PROJECT, `dist/${module}.d.ts`);
}

const program = ts.createProgram({
  rootNames: Object.values(ENTRIES).map(pathOf),
  options: {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    skipLibCheck: true,
    noEmit: true,
  },
});
const checker = program.getTypeChecker();

function exportsOf(module: string): ts.Symbol[] {
  const file = program.getSourceFile(pathOf(module));
  const symbol = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (symbol === undefined) throw new Error(`dist/${module}.d.ts is not there, or exports nothing`);
  return checker.getExportsOfModule(symbol);
}

function resolved(symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

function find(module: string, name: string): ts.Symbol {
  const symbol = exportsOf(module).find((each) => each.name === name);
  if (symbol === undefined) throw new Error(`dist/${module}.d.ts does not export ${name}`);
  return resolved(symbol);
}

function tagText(tag: ts.JSDocTagInfo): string {
  const text = ts.displayPartsToString(tag.text);
  switch (tag.name) {
    case 'throws':
      return `Throws ${text}`;
    case 'example':
      return `\`\`\`ts\n${text}\n\`\`\``;
    default:
      throw new Error(`A docstring has the tag @${tag.name}, which the reference does not know`);
  }
}

function docOf(symbol: ts.Symbol): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return [text, ...symbol.getJsDocTags(checker).map(tagText)].filter((part) => part !== '').join('\n\n');
}

/** The docstring of an exported name. */
export function docstring(module: string, name: string): string {
  return docOf(find(module, name));
}

function memberOf(symbol: ts.Symbol): Member {
  const declaration = symbol.declarations?.[0];
  const written =
    declaration !== undefined && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration))
      ? declaration.type?.getText()
      : undefined;
  const type = written ?? (declaration === undefined ? '' : checker.typeToString(checker.getTypeOfSymbol(symbol)));
  return {
    name: symbol.name,
    type: type.replace(/ \| undefined$/, ''),
    isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
    doc: docOf(symbol),
  };
}

/** The members of an interface, those that it inherits last. */
export function interfaceMembers(module: string, name: string): Member[] {
  return checker.getDeclaredTypeOfSymbol(find(module, name)).getProperties().map(memberOf);
}

/** The fields that a class declares itself. */
export function ownFields(module: string, name: string): Member[] {
  const declaration = find(module, name).declarations?.find(ts.isClassDeclaration);
  return (declaration?.members ?? [])
    .filter((member) => ts.isPropertyDeclaration(member) && ts.isIdentifier(member.name))
    .flatMap((member) => checker.getSymbolAtLocation(member.name ?? member) ?? [])
    .map(memberOf);
}

/** The class that a class extends. */
export function parentOf(module: string, name: string): string | undefined {
  const declaration = find(module, name).declarations?.find(ts.isClassDeclaration);
  return declaration?.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.getText();
}

/** What users cannot use, or are not meant to. */
function isPrivate(member: ts.ClassElement): boolean {
  return (
    ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal') ||
    (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
    (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0
  );
}

/** The declaration as it is written, without private members, its own docstring, `export` and `declare`. */
function textOf(declaration: ts.Node): string {
  const file = declaration.getSourceFile();
  const holes = ts.isClassDeclaration(declaration) ? declaration.members.filter(isPrivate) : [];
  const start = declaration.getStart(file);
  const text = holes.reduceRight(
    (rest, member) => {
      const [from, to] = [member.getFullStart() - start, member.getEnd() - start];
      return rest.slice(0, from) + rest.slice(to);
    },
    file.text.slice(start, declaration.getEnd()),
  );
  return text
    .replace(/^export /, '')
    .replace(/^declare /, '')
    .replaceAll(/^ {4}/gm, '  ')
    .replaceAll(/^ {6}/gm, '    ');
}

function declarationsOf(symbol: ts.Symbol): string[] {
  return (symbol.declarations ?? []).map((declaration) =>
    ts.isVariableDeclaration(declaration) ? `const ${textOf(declaration)}` : textOf(declaration),
  );
}

function kindOf(symbol: ts.Symbol): Exported['kind'] {
  if ((symbol.flags & ts.SymbolFlags.Class) !== 0) return 'class';
  if ((symbol.flags & ts.SymbolFlags.Function) !== 0) return 'function';
  return (symbol.flags & ts.SymbolFlags.Value) !== 0 ? 'value' : 'type';
}

/** What an entry exports, by name. */
export function exportedFrom(entry: Entry): Exported[] {
  return exportsOf(ENTRIES[entry])
    .map((symbol) => {
      const target = resolved(symbol);
      const text = declarationsOf(target).join('\n');
      return { name: symbol.name, kind: kindOf(target), doc: docOf(target), text };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** The text of one declaration, docstrings of its members included. */
export function declarationText(module: string, name: string): string {
  return declarationsOf(find(module, name)).join('\n');
}

/**
 * Documentation names things that are not there when it is run: hosts, a datacenter, a keyspace. In string literals
 * and CQL they are replaced by those of the run:
 *
 *   contactPoints: ['127.0.0.1', 'node1.example.com']   the node's 'address:port'; `node1.example.com` anywhere
 *   localDatacenter: 'dc1', and 'dc1' in quotes in CQL  the node's datacenter
 *   the word shop                                       the page's own keyspace
 */

import ts from 'typescript';

export interface RunNames {
  readonly contactPoint: string;
  readonly localDatacenter: string;
  readonly keyspace: string;
}

/** The keyspace that the documentation's examples speak of. */
export const SHOWN_KEYSPACE = 'shop';

const EXAMPLE_HOST = /^[a-z0-9]+\.example\.com(:\d+)?$/;
const LOCAL_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

export function namesInCql(text: string, names: RunNames): string {
  return text.replaceAll(/\bshop\b/g, names.keyspace).replaceAll("'dc1'", `'${names.localDatacenter}'`);
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function propertyName(node: ts.Node): string {
  return ts.isPropertyAssignment(node) ? node.name.getText() : '';
}

function wholeValue(node: ts.StringLiteral, names: RunNames): string | null {
  if (EXAMPLE_HOST.test(node.text)) return names.contactPoint;
  const isContactPoint = propertyName(node.parent.parent) === 'contactPoints';
  if (isContactPoint && LOCAL_HOST.test(node.text)) return names.contactPoint;
  return node.text === 'dc1' ? names.localDatacenter : null;
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateLiteralToken(node);
}

/** The same code, line by line, about the node and keyspace of this run. */
export function namesInTypeScript(code: string, names: RunNames): string {
  const replacements: Replacement[] = [];
  const walk = (node: ts.Node): void => {
    if (isText(node)) {
      const [start, end] = [node.getStart(), node.getEnd()];
      const whole = ts.isStringLiteral(node) ? wholeValue(node, names) : null;
      const text = whole === null ? namesInCql(code.slice(start, end), names) : `'${whole}'`;
      replacements.push({ start, end, text });
    }
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true));
  return replacements.reduceRight(
    (text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end),
    code,
  );
}

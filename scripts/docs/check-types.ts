import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import type { PageFiles } from './page-files.js';
import { PROJECT } from './pages.js';

/**
 * The project's own strict settings, and the types as users get them (dist/). Less strict where an example may be
 * plainer than the project: `row.name` beside `row['name']`, and variables that only show something.
 */
function settings(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, PROJECT);
  return {
    ...options,
    noPropertyAccessFromIndexSignature: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Types of other packages are not this check's business, and take half of its time.
    skipLibCheck: true,
  };
}

/** 'page:line:column: what is wrong', of all pages at once: one program serves them all. */
export function typeProblems(files: readonly PageFiles[]): string[] {
  const paths = new Map(files.map(({ page, main }) => [basename(dirname(main)), page.path]));
  const program = ts.createProgram({ rootNames: files.flatMap(({ typed }) => typed), options: settings() });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (file === undefined) return text;
    const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0);
    const path = paths.get(basename(dirname(file.fileName))) ?? file.fileName;
    return `${path}:${String(line + 1)}:${String(character + 1)}: ${text}`;
  });
  // A hidden block is checked wherever it is used.
  return [...new Set(problems)];
}

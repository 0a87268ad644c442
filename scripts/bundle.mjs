// Joins the compiled modules of dist/ into one file for each entry, and a few that entries share: hundreds of small files
// take several times as long to load. Nothing is renamed or shortened, so stack traces read as the source does; the
// declarations stay as they are.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
/** What the package starts by its path, and what finds it, as it stands beside it. */
const PROGRAMS = ['./dist/testing/remote-child.js', './dist/testing/remote-child-file.js'];

const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.values(exports).flatMap((entry) => entry.default ?? []);
const input = Object.fromEntries(
  [...entries, ...Object.values(bin), ...PROGRAMS].map((path) => [
    path.replace(/^\.\/dist\/(.*)\.js$/, '$1'),
    join(root, path),
  ]),
);

const bundle = await rollup({
  input,
  // Packages and Node's own modules.
  external: (id) => !/^[./]/.test(id),
  onLog: (_level, { code, message }) => {
    throw new Error(`${code}: ${message}`);
  },
});
/** All that is below the entries stands in one file: `.` needs nearly all of it. */
const ON_TOP = ['index.js', 'cli', 'embedded', 'fastify', 'metrics', 'testing'];
/**
 * With a single character past ASCII, V8 keeps a file's text in two bytes a character, and needs longer to decode it and to
 * scan it: one twentieth of the load. Such characters stand in comments, texts and regular expressions, where an escape
 * means the same; in a String.raw it would not.
 */
const inAscii = {
  name: 'in-ascii',
  renderChunk(code) {
    const [raw] = /String\.raw\s*`[^`]*[\u0080-\uffff][^`]*`/.exec(code) ?? [];
    if (raw !== undefined) throw new Error(`Write this in ASCII: ${raw}`);
    const escaped = code.replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return { code: escaped, map: null };
  },
};
const format = {
  plugins: [inAscii],
  chunkFileNames: 'shared/[name].js',
  manualChunks: (id) => (ON_TOP.includes(relative(dist, id).split(sep)[0]) ? undefined : 'core'),
  minifyInternalExports: false,
};
const modules = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
// They have all been read by now.
for (const name of modules) rmSync(join(dist, name));
const { output } = await bundle.write({ ...format, dir: dist });
await bundle.close();
console.log(`${modules.length} modules are ${output.length} files now`);

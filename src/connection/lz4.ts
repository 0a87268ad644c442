import { ConfigurationError } from '../errors.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import { createLz4Compressor, type Lz4Module } from '../protocol/segment/lz4-compressor.js';
import { messageOf } from '../util/thrown.js';

/** What Node, or whatever loads modules in its place, says of the package itself, not of a part of it. */
const NOT_INSTALLED = /^Cannot find (?:package|module) 'lz4-napi'/;

let loading: Promise<SegmentCompressor> | null = null;

/** The LZ4 compressor, from the optional peer dependency `lz4-napi`. */
export function loadLz4(): Promise<SegmentCompressor> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SegmentCompressor> {
  try {
    // A CommonJS package: its functions are on `default` for some versions and beside it for others.
    const loaded = (await import('lz4-napi')) as Partial<Lz4Module> & { default?: Lz4Module };
    const module = typeof loaded.compressSync === 'function' ? (loaded as Lz4Module) : loaded.default;
    if (module === undefined) throw new TypeError('lz4-napi exports no compressSync');
    return createLz4Compressor(module);
  } catch (cause) {
    loading = null;
    throw new ConfigurationError(`compression: 'lz4' ${problemOf(cause)}`, { cause });
  }
}

/** A package that is there may still lack its native part: of another platform, or one that Node may not load. */
function problemOf(error: unknown): string {
  const text = messageOf(error);
  if (NOT_INSTALLED.test(text)) return 'needs the package lz4-napi: install it with `npm install lz4-napi`';
  const cause = error instanceof Error && error.cause !== undefined ? ` (${firstLine(messageOf(error.cause))})` : '';
  return `cannot be had: lz4-napi is installed but could not be loaded: ${firstLine(text)}${cause}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

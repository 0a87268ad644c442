import { ConfigurationError } from '../errors.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import { createLz4Compressor, type Lz4Module } from '../protocol/segment/lz4-compressor.js';
import { packageProblem } from '../util/package-problem.js';

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
    throw new ConfigurationError(`compression: 'lz4' ${packageProblem('lz4-napi', cause)}`, { cause });
  }
}

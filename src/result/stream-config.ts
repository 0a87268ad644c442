import { ConfigurationError } from '../errors.js';
import { PAGE_BYTES } from './page-sizer.js';
import { aFunction, anInteger, milliseconds, optionProblems, type OptionChecks } from '../util/option-checks.js';

/** Rows a page of a stream, if nobody says how many. */
export const STREAM_FETCH_SIZE = 1000;

const LARGE_ROW_BYTES = 256 * 1024;

/** How a result is streamed. */
export interface StreamConfig<R = unknown> {
  /** Rows a page. Default: the statement's, else the one given to the profile, else 1000. */
  readonly fetchSize?: number | undefined;
  /**
   * How large a page may be, in bytes of its rows; 0: no bound. Pages whose rows would weigh more are asked for with
   * fewer rows than fetchSize, as the page before shows; the first one too, if this is given: as if its rows had 256 KiB.
   * Default 4 MiB.
   */
  readonly maxPageBytes?: number | undefined;
  /** The stream ends after so many pages. Default: no limit. */
  readonly maxPages?: number | undefined;
  /**
   * Told of each page, empty ones included, before its rows are handed out; pages count from 1. If it returns a
   * promise, the rows wait for it. If it throws or rejects, the stream fails with that error.
   */
  readonly pageCallback?: ((pageNumber: number, rows: readonly R[]) => unknown) | undefined;
  /** For the whole stream, from the request for its first page to its last row, in milliseconds; 0 or none: no limit. */
  readonly timeoutMs?: number | undefined;
  /** How many pages are fetched ahead of the one that is being read. Default 1; 0: each is fetched when it is wanted. */
  readonly prefetchPages?: number | undefined;
}

export interface ResolvedStreamConfig<R = unknown> {
  readonly fetchSize: number;
  /** 0: no bound. */
  readonly maxPageBytes: number;
  /** The rows of the first page. */
  readonly firstRows: number;
  readonly maxPages: number;
  readonly pageCallback: ((pageNumber: number, rows: readonly R[]) => unknown) | null;
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly prefetchPages: number;
}

export const STREAM_OPTION_CHECKS = {
  fetchSize: anInteger(1, 2 ** 31 - 1),
  maxPageBytes: anInteger(0, Number.MAX_SAFE_INTEGER),
  maxPages: anInteger(1, Number.MAX_SAFE_INTEGER),
  pageCallback: aFunction,
  timeoutMs: milliseconds(0, 'no limit'),
  prefetchPages: anInteger(0, 1000),
} as const satisfies OptionChecks;

/** Names that the Python library and other clients use. */
const FOREIGN_STREAM_OPTIONS: Readonly<Record<string, string>> = {
  timeoutSeconds: 'it is called timeoutMs here, in milliseconds',
  timeout: 'it is called timeoutMs here, in milliseconds',
  prefetch: 'it is called prefetchPages here',
  pageSize: 'it is called fetchSize here',
};

/** Applies the defaults. Other keys than those of StreamConfig are passed over. */
export function resolveStreamConfig<R>(config: StreamConfig<R> = {}): ResolvedStreamConfig<R> {
  const { fetchSize = STREAM_FETCH_SIZE, maxPageBytes = PAGE_BYTES, maxPages = Infinity } = config;
  const { pageCallback = null, timeoutMs = 0, prefetchPages = 1 } = config;
  // What the rows weigh is not known yet: whoever names a bound is taken to have large ones.
  const isBounded = config.maxPageBytes !== undefined && maxPageBytes > 0;
  const firstRows = isBounded ? Math.min(fetchSize, Math.ceil(maxPageBytes / LARGE_ROW_BYTES)) : fetchSize;
  return { fetchSize, maxPageBytes, firstRows, maxPages, pageCallback, timeoutMs, prefetchPages };
}

/** Throws one ConfigurationError that says all that is wrong. `others`: more options that may stand beside. */
export function validateStreamConfig(config: unknown, others: OptionChecks = {}): void {
  const problems = optionProblems(config, { ...others, ...STREAM_OPTION_CHECKS }, FOREIGN_STREAM_OPTIONS);
  if (problems.length > 0) throw new ConfigurationError(`executeStream: ${problems.join('; ')}`);
}

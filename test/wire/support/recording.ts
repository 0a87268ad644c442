import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/** One exchange as a real node took part in it; the bytes are those on the socket. */
export interface Recorded {
  readonly name: string;
  readonly request: Buffer;
  readonly response: Buffer;
}

export interface Recording {
  /** The server's own word, such as '5.0.9'. */
  readonly server: string;
  readonly compression: 'lz4' | null;
  /** False if the connection's STARTUP is among the exchanges. */
  readonly framed: boolean;
  readonly exchanges: readonly Recorded[];
}

const FOLDER = new URL('../golden/', import.meta.url);
/** What is longer goes into the file compressed, marked by `gzip:` and in base64. */
const MAX_HEX_BYTES = 16_384;

interface StoredRecording extends Omit<Recording, 'exchanges'> {
  readonly exchanges: readonly { readonly name: string; readonly request: string; readonly response: string }[];
}

function toText(bytes: Buffer): string {
  return bytes.length > MAX_HEX_BYTES
    ? `gzip:${gzipSync(bytes, { level: 9 }).toString('base64')}`
    : bytes.toString('hex');
}

function fromText(text: string): Buffer {
  return text.startsWith('gzip:') ? gunzipSync(Buffer.from(text.slice(5), 'base64')) : Buffer.from(text, 'hex');
}

export function saveRecording(version: string, name: string, recording: Recording): void {
  const folder = new URL(`${version}/`, FOLDER);
  mkdirSync(folder, { recursive: true });
  const exchanges = recording.exchanges.map((one) => ({
    name: one.name,
    request: toText(one.request),
    response: toText(one.response),
  }));
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ ...recording, exchanges }, null, 2)}\n`);
}

export function readRecording(version: string, name: string): Recording {
  const text = readFileSync(new URL(`${version}/${name}.json`, FOLDER), 'utf8');
  const stored = JSON.parse(text) as StoredRecording;
  const exchanges = stored.exchanges.map((one) => ({
    name: one.name,
    request: fromText(one.request),
    response: fromText(one.response),
  }));
  return { ...stored, exchanges };
}

/** The versions that were recorded, the newest first. */
export function recordedVersions(): string[] {
  return existsSync(FOLDER) ? readdirSync(FOLDER).sort().reverse() : [];
}

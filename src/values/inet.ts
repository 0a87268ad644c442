import { InvalidParameter } from '../errors.js';

const IPV4_FORM = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const GROUP_FORM = /^[0-9a-fA-F]{1,4}$/;

/** The text of 4 or 16 address bytes; IPv6 in the canonical form of RFC 5952 (`::ffff:1.2.3.4` if mapped). */
export function inetText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  const run = longestZeroRun(groups);
  if (run.start === 0 && run.length === 5 && groups[5] === 0xffff) return `::ffff:${bytes.subarray(12).join('.')}`;
  const texts = groups.map((group) => group.toString(16));
  if (run.length < 2) return texts.join(':');
  return `${texts.slice(0, run.start).join(':')}::${texts.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  });
  return best;
}

/** The 4 or 16 bytes of an address. No zone, no port, no host name. Throws InvalidParameter. */
export function inetBytes(text: string): Uint8Array {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (bytes === undefined) throw new InvalidParameter('The text is not an IP address');
  return Uint8Array.from(bytes);
}

function parseIpv4(text: string): number[] | undefined {
  const match = IPV4_FORM.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  if (head === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = parseGroups(halves[1] ?? '', true);
  // `::` stands for one group at least.
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; the last may be an IPv4 address if these are the last of the whole text. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (GROUP_FORM.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
      continue;
    }
    const mapped = last && i === groups.length - 1 ? parseIpv4(group) : undefined;
    if (mapped === undefined) return undefined;
    bytes.push(...mapped);
  }
  return bytes;
}

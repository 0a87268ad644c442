/** Writes DER (ITU-T X.690): just what certificates and key stores need. */

const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  BMP_STRING: 0x1e,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** A value of any tag around its contents. */
export function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(body.length)]), body]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export function sequence(...items: readonly Buffer[]): Buffer {
  return tagged(TAG.SEQUENCE, ...items);
}

export function setOf(...items: readonly Buffer[]): Buffer {
  return tagged(TAG.SET, ...items);
}

/** `[number]` around whole values: constructed and explicit. */
export function explicit(number: number, ...items: readonly Buffer[]): Buffer {
  return tagged(0xa0 | number, ...items);
}

/** An unsigned number, given as its octets. */
export function integer(octets: Buffer): Buffer {
  // A leading bit that is set would make it negative.
  const positive = (octets[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), octets]) : octets;
  return tagged(TAG.INTEGER, positive);
}

export function smallInteger(value: number): Buffer {
  return integer(Buffer.from([value]));
}

export function truth(): Buffer {
  return tagged(TAG.BOOLEAN, Buffer.from([0xff]));
}

/** Whole octets, or all but the last `unused` bits of them. */
export function bitString(octets: Buffer, unused = 0): Buffer {
  return tagged(TAG.BIT_STRING, Buffer.from([unused]), octets);
}

export function octetString(octets: Buffer): Buffer {
  return tagged(TAG.OCTET_STRING, octets);
}

export function utf8String(text: string): Buffer {
  return tagged(TAG.UTF8_STRING, Buffer.from(text));
}

/** UTF-16, the big end first. */
export function bmpString(text: string): Buffer {
  return tagged(TAG.BMP_STRING, Buffer.from(text, 'utf16le').swap16());
}

export function generalizedTime(date: Date): Buffer {
  const digits = date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
  return tagged(TAG.GENERALIZED_TIME, Buffer.from(`${digits}Z`));
}

/** '1.2.840.10045.4.3.2' and the like. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80);
    return groups;
  });
  return tagged(TAG.OBJECT_IDENTIFIER, Buffer.from(octets));
}

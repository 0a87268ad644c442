import { ConfigurationError } from '../../errors.js';
import { readContactPoint, type ContactPoint } from '../../util/contact-point.js';

/** Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address. Throws ConfigurationError. */
export function parseContactPoint(text: string, defaultPort: number): ContactPoint {
  const point = readContactPoint(text, defaultPort);
  if (typeof point === 'string') throw new ConfigurationError(`A contact point ${point}`);
  return point;
}

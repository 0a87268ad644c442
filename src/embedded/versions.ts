/** Which Cassandra a version name means, and which Java fits it. */

import { ConfigurationError } from '../errors.js';
import { didYouMean } from './nearest.js';

/** Release lines and the release that stands for each. */
const LINES: Readonly<Record<string, string>> = {
  '4.0': '4.0.19',
  '4.1': '4.1.10',
  '5.0': '5.0.9',
  '6.0': '6.0-alpha2',
};

export const DEFAULT_VERSION = '5.0';

/** A release line ('5.0') gives its release ('5.0.9'); an exact version gives itself. */
export function resolveVersion(version: string): string {
  const release = LINES[version];
  if (release !== undefined && Object.hasOwn(LINES, version)) return release;
  const exact = /^(\d+)\.\d+(?:\.\d+(?:-[a-z]+\d*)?|-[a-z]+\d*)$/.exec(version);
  if (exact === null || Number(exact[1]) < 4) {
    throw new ConfigurationError(
      `Unknown Cassandra version '${version}'${didYouMean(version, Object.keys(LINES))}. ` +
        `Known: ${Object.keys(LINES).join(', ')}, or an exact version from 4.0 on, such as 5.0.9`,
    );
  }
  return version;
}

/** '5.0' of '5.0.9' and of '5.0'. */
export function releaseLine(version: string): string {
  return version.split(/[.-]/).slice(0, 2).join('.');
}

/** True when `version` is of that release line or newer ('5.0.9' is at least '4.1'). */
export function isAtLeast(version: string, line: string): boolean {
  const [major = 0, minor = 0] = releaseLine(version).split('.').map(Number);
  const [lineMajor = 0, lineMinor = 0] = line.split('.').map(Number);
  return major > lineMajor || (major === lineMajor && minor >= lineMinor);
}

/** Java feature releases that run this Cassandra, the best first. Newer ones refuse it: they lack the security manager. */
export function fittingJavas(version: string): readonly number[] {
  return isAtLeast(version, '6.0') ? [17, 21] : [17, 11];
}

import { isIPv4, isIPv6 } from 'node:net';

/**
 * True for an IPv6 address. Without a colon there is none, and Node's own test, a large regular expression, takes 5 to
 * 13 ms when it is used for the first time: a good part of a cold start.
 */
export function isIpv6Address(text: string): boolean {
  return text.includes(':') && isIPv6(text);
}

/** True for an IPv4 or IPv6 address, false for a name. */
export function isIpAddress(text: string): boolean {
  return isIpv6Address(text) || isIPv4(text);
}

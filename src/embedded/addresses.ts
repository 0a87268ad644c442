/** Loopback addresses of a cluster's own, so that clusters of several processes live side by side on the same ports. */

import { randomInt } from 'node:crypto';
import net from 'node:net';
import { ConfigurationError } from '../errors.js';

export const DEFAULT_NATIVE_PORT = 9042;
const DEFAULT_STORAGE_PORT = 7000;
const ATTEMPTS = 20;
/** The address of a block that carries no node: a socket listening on it marks the block as taken. */
const MARKER = 254;

/** What makes the addresses of one start those of another. */
export interface AddressPlan {
  /** The first three numbers of each address; undefined where the loopback is one address. */
  readonly block: string | undefined;
  readonly nativePort: number;
  readonly storagePort: number;
}

/** A block of addresses, the same two ports on each, held until `release()` or the end of the process. */
export interface AddressBlock extends AddressPlan {
  /** The address of the node with that number, from 1 on. */
  address(node: number): string;
  release(): void;
}

/**
 * Takes a free block for `nodes` nodes. `port`: the native port, 9042 unless something listens on it everywhere. `before`:
 * what the nodes had at their last start, taken again if it is free.
 */
export async function takeAddresses(
  nodes: number,
  port: number | undefined,
  before?: AddressPlan,
): Promise<AddressBlock> {
  if (!(await canListen('127.8.8.8', 0))) return takeSingleAddress(nodes, port);
  const same = before && (await takeBlock({ ...before, nativePort: port ?? before.nativePort }, nodes));
  if (same !== undefined) return same;
  let nativePort = port ?? DEFAULT_NATIVE_PORT;
  let storagePort = DEFAULT_STORAGE_PORT;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const block = `127.${String(randomInt(1, 255))}.${String(randomInt(0, 256))}`;
    // A program listening on all addresses occupies its port in every block: after some attempts take other ports.
    if (attempt === ATTEMPTS / 2) storagePort = await freePort(`${block}.1`);
    if (attempt === ATTEMPTS / 2 && port === undefined) nativePort = await freePort(`${block}.1`);
    const taken = await takeBlock({ block, nativePort, storagePort }, nodes);
    if (taken !== undefined) return taken;
  }
  throw new ConfigurationError(`port ${String(nativePort)} is not free on any loopback address that was tried`);
}

/** Undefined when any of its addresses or ports is not free. */
async function takeBlock(plan: AddressPlan, nodes: number): Promise<AddressBlock | undefined> {
  const { block, nativePort, storagePort } = plan;
  if (block === undefined) return undefined;
  const marker = await listen(`${block}.${String(MARKER)}`, storagePort);
  if (marker === undefined) return undefined;
  const address = (node: number): string => `${block}.${String(node)}`;
  const free = await allFree(
    Array.from({ length: nodes }, (_, index) => address(index + 1)),
    [nativePort, storagePort],
  );
  if (free) return { ...plan, address, release: () => void marker.close() };
  marker.close();
  return undefined;
}

/** Systems whose loopback is one address (macOS without aliases): one node, on ports that are free now. */
async function takeSingleAddress(nodes: number, port: number | undefined): Promise<AddressBlock> {
  if (nodes > 1) {
    throw new ConfigurationError(
      `nodes: ${String(nodes)} need an address in 127.0.0.0/8 each, and this system has only 127.0.0.1`,
    );
  }
  const address = '127.0.0.1';
  const nativePort = port ?? (await freePort(address));
  if (!(await canListen(address, nativePort))) {
    throw new ConfigurationError(`port ${String(nativePort)} of ${address} is not free`);
  }
  const storagePort = await freePort(address);
  return { block: undefined, nativePort, storagePort, address: () => address, release: () => undefined };
}

async function allFree(addresses: readonly string[], ports: readonly number[]): Promise<boolean> {
  for (const address of addresses) {
    for (const port of ports) {
      if (!(await canListen(address, port))) return false;
    }
  }
  return true;
}

async function canListen(address: string, port: number): Promise<boolean> {
  const server = await listen(address, port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

async function freePort(address: string): Promise<number> {
  const server = await listen(address, 0);
  const bound = server?.address();
  if (server === undefined || bound === undefined || bound === null || typeof bound === 'string') {
    throw new ConfigurationError(`${address} has no free port`);
  }
  await new Promise((resolve) => server.close(resolve));
  return bound.port;
}

/** A listening socket, or undefined when the address is not this machine's or the port is taken. */
function listen(address: string, port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.unref();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      resolve(server);
    });
  });
}

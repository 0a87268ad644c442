import { mock } from 'node:test';
import {
  certificatePem,
  issueCertificate,
  makeAuthority,
  privateKeyPem,
  type Certified,
} from '../../src/embedded/certificate.js';

/** A certificate and its key, as tls.connect and tls.createServer take them. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];

function toPair({ certificate, privateKey }: Certified): Pair {
  return { cert: certificatePem(certificate), key: privateKeyPem(privateKey) };
}

/** An authority of a test's own. */
export class TestAuthority {
  readonly ca: string;
  readonly #authority: Certified;

  constructor(name = 'an authority of the tests') {
    this.#authority = makeAuthority(name);
    this.ca = certificatePem(this.#authority.certificate);
  }

  /** A certificate that answers to these host names and addresses. */
  issue(hosts: readonly string[] = LOCAL_NAMES): Pair {
    return toPair(issueCertificate(this.#authority, 'somebody', hosts));
  }

  /** The same, but its ten years were over some time ago. */
  issueExpired(hosts: readonly string[] = LOCAL_NAMES): Pair {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2010, 0, 1) });
    try {
      return this.issue(hosts);
    } finally {
      mock.timers.reset();
    }
  }
}

/** A chain whose end is an authority that nobody was told of. */
export function selfSigned(): Pair {
  const unknown = new TestAuthority('an unknown authority');
  const { cert, key } = unknown.issue();
  return { cert: cert + unknown.ca, key };
}

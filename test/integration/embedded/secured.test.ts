import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCassandra } from '../../../src/embedded/index.js';
import { AsyncCluster, AuthenticationFailed, ConnectionError } from '../../../src/index.js';

for (const version of ['4.0', '5.0']) {
  test(`auth and TLS with client certificates on ${version}`, { timeout: 540_000 }, async () => {
    await using db = await startCassandra({
      version,
      auth: true,
      tls: true,
      yaml: { client_encryption_options: { require_client_auth: true } },
    });
    const session = await db.connect();
    const { rows } = await session.execute('SELECT role FROM system_auth.roles');
    assert.deepEqual(rows, [{ role: 'cassandra' }]);

    const { contactPoints, port, tls } = db;
    assert.ok(tls);
    const place = { contactPoints, port, username: 'cassandra', password: 'wrong' };
    const wrongPassword = AsyncCluster.createWithAuth({ ...place, tls: { ...tls } });
    await assert.rejects(wrongPassword.connect(), AuthenticationFailed);
    await wrongPassword.shutdown();
    // Verified, but without the certificate that this node asks for.
    const nameless = AsyncCluster.createWithAuth({ ...place, password: 'cassandra', tls: { ca: tls.ca } });
    await assert.rejects(nameless.connect(), ConnectionError);
    await nameless.shutdown();
    // A client that does not know the authority trusts nothing.
    const stranger = AsyncCluster.createWithAuth({ ...place, password: 'cassandra', tls: true });
    await assert.rejects(stranger.connect(), ConnectionError);
    await stranger.shutdown();
  });
}

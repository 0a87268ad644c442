/** The arguments that turn `java` and a folder of jars into a Cassandra node. */

import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Packages that Cassandra reaches into by reflection, by module. */
const OPENED: Readonly<Record<string, readonly string[]>> = {
  'java.base': [
    'java.io',
    'java.util',
    'java.util.concurrent',
    'java.util.concurrent.atomic',
    'java.nio',
    'java.nio.file',
    'java.lang',
    'java.lang.ref',
    'java.lang.reflect',
    'java.lang.module',
    'java.lang.invoke',
    'java.math',
    'java.net',
    'sun.nio.ch',
    'jdk.internal.loader',
    'jdk.internal.ref',
    'jdk.internal.reflect',
    'jdk.internal.math',
    'jdk.internal.module',
    'jdk.internal.util',
    'jdk.internal.util.jar',
    'jdk.internal.misc',
    'sun.security.util',
  ],
  'java.management': ['com.sun.jmx.remote.security', 'sun.management'],
  'java.rmi': ['sun.rmi.registry', 'sun.rmi.server', 'sun.rmi.transport', 'sun.rmi.transport.tcp'],
  'java.sql': ['java.sql'],
  'jdk.management': ['com.sun.management', 'com.sun.management.internal'],
  'jdk.compiler': ['com.sun.tools.javac.file'],
  'jdk.attach': ['sun.tools.attach'],
};

const MAIN_CLASS = 'org.apache.cassandra.service.CassandraDaemon';

const RING_DELAY_MS = 1000;

/**
 * A node that is no seed itself ends when no seed has answered in twice the ring delay, and it asks only once in five
 * seconds (`Gossiper.doShadowRound`). On a busy machine two seconds are less than a first connection takes.
 */
const PATIENT_RING_DELAY_MS = 6000;

export interface JvmSettings {
  /** Java's feature release: 17. */
  readonly javaRelease: number;
  readonly jars: readonly string[];
  /** The node's own folder (see node-files.ts). */
  readonly home: string;
  readonly heapMb: number;
  /** Whether this node may only start together with others that are there already. */
  readonly findsOthers: boolean;
  readonly jvmArgs: readonly string[];
}

/** Everything behind `java` on the command line; the caller's own arguments last, so that they win. */
export function javaArguments(settings: JvmSettings): string[] {
  const configuration = path.join(settings.home, 'conf');
  const args = [
    `-Xms${String(settings.heapMb)}m`,
    `-Xmx${String(settings.heapMb)}m`,
    '-Xss256k',
    '-XX:+UseParallelGC',
    // A test node lives for minutes: the optimising compiler would take more of the processors than it gives back.
    // Measured on two busy cores: 40 % less CPU until ready, and the first 100,000 inserts in half the time.
    // `jvmArgs: ['-XX:TieredStopAtLevel=4']` turns it on again, for benchmarks say.
    '-XX:TieredStopAtLevel=1',
    // Leaves no files behind in the system's temporary folder, even when the process is killed.
    '-XX:-UsePerfData',
    `-Djava.io.tmpdir=${path.join(settings.home, 'tmp')}`,
    `-XX:ErrorFile=${path.join(settings.home, 'hs_err.log')}`,
    '-Djdk.attach.allowAttachSelf=true',
    '-Djava.net.preferIPv4Stack=true',
    '-Dcassandra-foreground=yes',
    `-Dcassandra.config=${pathToFileURL(path.join(configuration, 'cassandra.yaml')).href}`,
    // Found on the class path too, unless the folder's name has a colon, which separates the folders there.
    `-Dcassandra-rackdc.properties=${pathToFileURL(path.join(configuration, 'cassandra-rackdc.properties')).href}`,
    `-Dlogback.configurationFile=${path.join(configuration, 'logback.xml')}`,
    `-Dcassandra.storagedir=${settings.home}`,
    `-Dcassandra.logdir=${settings.home}`,
    // A test cluster has no lost gossip to wait for: join, settle and say goodbye at once.
    `-Dcassandra.ring_delay_ms=${String(settings.findsOthers ? PATIENT_RING_DELAY_MS : RING_DELAY_MS)}`,
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    '-Dcassandra.superuser_setup_delay_ms=0',
    '-Dcassandra.load_ring_state=false',
    '-Dcassandra.shutdown_announce_in_ms=100',
    ...openedPackages(),
  ];
  // Cassandra installs a security manager for user-defined functions; Java 18 and newer want that allowed.
  if (settings.javaRelease >= 18) args.push('-Djava.security.manager=allow');
  // 4.0 and 4.1 measure objects through this agent; without it they cannot look into hidden classes on Java 17.
  const jamm = settings.jars.find((jar) => path.basename(jar).startsWith('jamm-'));
  if (jamm !== undefined) args.push(`-javaagent:${jamm}`);
  args.push(...settings.jvmArgs, '-cp', [configuration, ...settings.jars].join(path.delimiter), MAIN_CLASS);
  return args;
}

function openedPackages(): string[] {
  return Object.entries(OPENED).flatMap(([module, packages]) =>
    packages.flatMap((name) => [
      `--add-opens=${module}/${name}=ALL-UNNAMED`,
      `--add-exports=${module}/${name}=ALL-UNNAMED`,
    ]),
  );
}

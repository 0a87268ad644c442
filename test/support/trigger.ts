import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findJdk } from '../../src/embedded/jdk.js';

/** A trigger that does nothing; of Cassandra's own types no more than the compiler needs to know of them. */
const SOURCES = {
  'org/apache/cassandra/db/Mutation.java': 'package org.apache.cassandra.db; public class Mutation {}',
  'org/apache/cassandra/db/partitions/Partition.java':
    'package org.apache.cassandra.db.partitions; public interface Partition {}',
  'org/apache/cassandra/triggers/ITrigger.java': `package org.apache.cassandra.triggers;
    public interface ITrigger {
      java.util.Collection<org.apache.cassandra.db.Mutation> augment(org.apache.cassandra.db.partitions.Partition update);
    }`,
  'example/Idle.java': `package example;
    public class Idle implements org.apache.cassandra.triggers.ITrigger {
      public java.util.Collection<org.apache.cassandra.db.Mutation> augment(org.apache.cassandra.db.partitions.Partition update) {
        return java.util.List.of();
      }
    }`,
};

export const TRIGGER_CLASS = 'example.Idle';

/** A folder with the trigger's jar, for the `cassandra.triggers_dir` of a node of this version. */
export async function triggersFolder(version: string): Promise<string> {
  const { java } = await findJdk(version);
  const tool = (name: string, args: readonly string[]): void => {
    execFileSync(join(dirname(java), name), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const folder = mkdtempSync(join(tmpdir(), 'async-cassandra-triggers-'));
  const sources = join(folder, 'sources');
  const classes = join(folder, 'classes');
  const files = Object.entries(SOURCES).map(([name, text]) => {
    const file = join(sources, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
  tool('javac', ['-d', classes, ...files]);
  tool('jar', ['cf', join(folder, 'idle.jar'), '-C', classes, 'example']);
  return folder;
}

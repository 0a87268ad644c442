/** What the process exits with. Scripts depend on these: a number keeps its meaning. */
export const ExitCode = {
  OK: 0,
  USAGE: 1,
  CONNECTION: 2,
  ACCESS: 3,
  REFUSED: 4,
  NOT_ANSWERED: 5,
  UNEXPECTED: 70,
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    wrong usage: an option, an argument or a parameter's value
  2    no connection: nothing listens there, no Cassandra, TLS, a datacenter that does not exist
  3    user name or password refused, or the role may not do this
  4    the server refused the statement, or there is no such keyspace, table, type ...
  5    no answer in time, or too few replicas for the consistency level
  70   something unexpected: please report it, with what --debug prints
  130  stopped by Ctrl-C`;

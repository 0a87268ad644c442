/** The environment of Java programs. */

type Environment = Readonly<Record<string, string | undefined>>;

/** For programs of ours: arguments meant for others (agents, heaps, ports) would change or break them. */
export function javaEnvironment(env: Environment = process.env): NodeJS.ProcessEnv {
  return {
    ...withUnicodePaths(env),
    JAVA_TOOL_OPTIONS: undefined,
    JDK_JAVA_OPTIONS: undefined,
    _JAVA_OPTIONS: undefined,
  };
}

/** Java reads paths by the locale: in one without Unicode, as containers have, it finds no folder called `dätä`. */
export function withUnicodePaths(env: Environment = process.env): NodeJS.ProcessEnv {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((one) => one !== undefined && one !== '');
  return /utf-?8/i.test(locale ?? '') ? env : { ...env, LC_ALL: 'C.UTF-8' };
}

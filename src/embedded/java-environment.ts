/** The environment of a Java program of ours. */

/** Arguments meant for other Java programs (agents, heaps, ports) would change or break it. */
export function javaEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, JAVA_TOOL_OPTIONS: undefined, JDK_JAVA_OPTIONS: undefined, _JAVA_OPTIONS: undefined };
}

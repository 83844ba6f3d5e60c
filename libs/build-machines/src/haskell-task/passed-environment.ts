/**
 * The variables that a task passes to the machine: those that its `env` option names and that are set here. Everything
 * else of the workstation's environment stays here, so that it cannot change a result behind the cache's back.
 */
export function passedEnvironment(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

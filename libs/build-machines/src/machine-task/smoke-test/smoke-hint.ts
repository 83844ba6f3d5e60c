/** What cabal says when it has no list of a server's packages, or goes for one over a network that is not there. */
const NO_PACKAGE_LIST =
  /package list for '[^']*' does not exist|No mirrors found for|Could not resolve host|Caught exception during _mirrors lookup/;

/**
 * What to do after the smoke test's program was not compiled or did not run.
 * @param output all that the run wrote.
 */
export function smokeHint(machine: string, output: string): string {
  if (NO_PACKAGE_LIST.test(output)) {
    return (
      'cabal on the machine has no list of packages and cannot fetch one: it is offline, or its package server is not reached. ' +
      'Run `cabal update` there once it has a network, or, for a machine that is to stay offline, ' +
      'write a ~/.cabal/config there that names no repository (an empty file will do).'
    );
  }
  return (
    `The compiler's own words are above; missing system libraries are installed with \`nx run ${machine}:apt-install\`, ` +
    `compilers with \`nx run ${machine}:ghc-install\`.`
  );
}

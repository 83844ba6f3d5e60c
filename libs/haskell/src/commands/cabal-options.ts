/**
 * The options of cabal that may stand in `args`. A list of what is allowed, not of what is refused: cabal has some 300
 * options, more with each release, and one that changes where it builds, what it reads, or whether it builds at all
 * makes a wrong result. See docs/decisions/0081-arguments-for-cabal.md.
 */

const SWITCHES = [
  ...['optimization', 'optimisation', 'profiling', 'library-profiling', 'executable-profiling', 'profiling-shared'],
  ...['debug-info', 'library-vanilla', 'shared', 'static', 'executable-dynamic', 'executable-static', 'split-sections'],
  ...['split-objs', 'library-for-ghci', 'library-stripping', 'executable-stripping', 'coverage', 'library-coverage'],
  ...['library-bytecode', 'relocatable', 'documentation', 'per-component', 'response-files'],
].flatMap((name) => [`enable-${name}`, `disable-${name}`]);

/** Options with a value only behind `=`, or without any. */
const ALONE = [
  ...['verbose', 'jobs', 'semaphore', 'keep-going', 'offline', 'allow-older', 'allow-newer', 'report-planning-failure'],
  ...['reorder-goals', 'count-conflicts', 'fine-grained-conflicts', 'minimize-conflict-set', 'independent-goals'],
  ...['prefer-oldest', 'strong-flags', 'allow-boot-library-installs', 'reject-unconstrained-dependencies'],
  ...['haddock-hoogle', 'haddock-html', 'haddock-for-hackage', 'haddock-executables', 'haddock-tests'],
  ...['haddock-benchmarks', 'haddock-all', 'haddock-internal', 'haddock-hyperlink-source', 'haddock-hyperlink-sources'],
  ...['haddock-hyperlinked-source', 'haddock-quickjump', 'haddock-use-unicode'],
  ...['test-keep-tix-files', 'test-fail-when-no-test-suites', 'repl-no-load', 'no-transitive-deps'],
  ...SWITCHES,
];

/** Options with a value, behind `=` or as the next argument. */
const WITH_VALUE = [
  ...['profiling-detail', 'library-profiling-detail', 'flags', 'constraint', 'preference', 'index-state', 'solver'],
  ...['max-backjumps', 'configure-option', 'extra-include-dirs', 'extra-lib-dirs', 'extra-lib-dirs-static'],
  ...['extra-framework-dirs', 'extra-prog-path', 'haddock-html-location', 'haddock-css', 'haddock-hscolour-css'],
  ...['haddock-contents-location', 'test-show-details', 'test-wrapper', 'test-option', 'test-options'],
  ...['benchmark-option', 'benchmark-options', 'repl-options', 'build-depends'],
  // Options of the programs that cabal starts.
  ...[
    'ghc',
    'gcc',
    'ld',
    'ar',
    'alex',
    'happy',
    'c2hs',
    'cpphs',
    'hsc2hs',
    'haddock',
    'hpc',
    'pkg-config',
    'strip',
  ].flatMap((program) => [`${program}-option`, `${program}-options`]),
];

/** How an allowed option takes its value; undefined: it is not allowed. */
export function valueOf(option: string): 'next' | 'attached' | undefined {
  if (WITH_VALUE.includes(option)) return 'next';
  return ALONE.includes(option) ? 'attached' : undefined;
}

/** Allowed options of one letter; what follows the letter is the value, so that no other option hides in it. */
export const SHORT_OPTION = /^-(v.*|j.*|O.*|f.*|b.*|p)$/s;

/** Those of them that take the next argument as value when none follows the letter. */
export const SHORT_WITH_VALUE = /^-[fb]$/;

/** Why an option is refused, and what to do instead; by patterns of its name. */
const REASONS: readonly [name: RegExp, reason: string, instead: string][] = [
  [
    /^(builddir|distdir|dist-dir|build-?log.*|haddock-output-dir|test-(machine-)?log|store-dir|root-cmd)$/,
    'it changes where cabal writes',
    'Leave it out: what is built lies in dist-newstyle on the machine, and is fetched from there.',
  ],
  [
    /^(project-file|project-dir|cabal-file|ignore-project|z)$/,
    'it changes which project is built',
    'Leave it out: the cabal.project beside or above the package is used. Put settings into it, or into cabal.project.local.',
  ],
  [
    /^(with-compiler|w|with-hc-pkg|ghc|g|ghcjs|uhc|haskell-suite)$/,
    'it changes the compiler',
    'Name the compiler by the option "ghc" of the target: --ghc=9.6.6.',
  ],
  [
    /^(package-db|user|global|config-file|remote-repo-cache|logs-dir|write-ghc-environment-files)$/,
    'it changes which packages are visible',
    "Leave it out, or set it in the machine's own configuration of cabal (~/.cabal/config), and run `up` of the machine.",
  ],
  [
    /^(h|help|V|version|dry-run|only-configure|only-dependencies|dependencies-only|only-download|list-options|n)$/,
    'with it cabal succeeds without building',
    'Run cabal in a shell on the machine for that: `ssh <machine>` (nx run <machine>:install-ssh-config makes that work).',
  ],
  [
    /^(enable|disable)-(tests|benchmarks)$|^run-tests$/,
    'the target decides that',
    'Use remote-test for tests, remote-bench for benchmarks.',
  ],
  [
    /^with-/,
    'it names a program by a path of the machine',
    'Put the program on the PATH of the machine (~/.cabal/bin, ~/.local/bin); there it counts for the hash.',
  ],
];

/** Why an option is refused, and what to do instead. */
export function refusal(option: string): { readonly reason: string; readonly instead: string } {
  const [, reason, instead] = REASONS.find(([name]) => name.test(option)) ?? [];
  if (reason !== undefined && instead !== undefined) return { reason, instead };
  const whole = option === '' ? [] : [...ALONE, ...WITH_VALUE].filter((name) => name.startsWith(option));
  if (whole.length > 0)
    return {
      reason: 'it is an abbreviation',
      instead: `Write it in full: ${whole.map((name) => `--${name}`).join(' or ')}.`,
    };
  return {
    reason: 'it is not known to leave alone where cabal builds and what it reads',
    instead: 'Say it in cabal.project or cabal.project.local instead, which are part of the hash and are sent.',
  };
}

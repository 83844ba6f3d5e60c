import {
  cabalCommand,
  type CommandPieces,
  type CommandRequest,
  componentTarget,
  packageTarget,
} from './cabal-command.js';

/** What to test. */
export interface TestRequest extends CommandRequest {
  /** Names of test suites of the (only) package; default: all suites of all packages. */
  readonly suites?: readonly string[];
}

/**
 * Builds and runs test suites. Their output is shown as it comes (`streaming`, which also writes the log files that are
 * fetched; `direct` would not). Coverage reports are fetched where the project asks for them.
 */
export function testCommand(request: TestRequest): CommandPieces {
  const targets =
    request.suites === undefined
      ? request.packages.map(packageTarget)
      : request.packages.flatMap((name) => (request.suites ?? []).map((suite) => componentTarget(name, 'test', suite)));
  return cabalCommand(request, {
    command: 'test',
    flags: ['--keep-going', '--test-show-details=streaming'],
    targets,
    artifacts: ['test-log', 'coverage'],
    enabled: 'tests',
  });
}

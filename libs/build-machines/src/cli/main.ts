import { join } from 'node:path';
import { stateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { formatError } from '../reporting/report-error.js';
import { abortOnSignals, InterruptedError } from '../reporting/run-executor.js';
import { exitCode } from './exit-codes.js';
import { runCommandLine } from './program.js';

/** The command line's one place where errors are printed and become an exit status. */
async function main(): Promise<number> {
  const { signal, release } = abortOnSignals();
  try {
    return await runCommandLine(
      process.argv.slice(2),
      {
        cwd: process.cwd(),
        env: process.env,
        state: stateFolder(process.env),
        bridgeBundle: join(__dirname, 'bridge.cjs'),
        stdout: process.stdout,
        stderr: process.stderr,
        signal,
        now: Date.now,
      },
      process.env['BUILD_MACHINES_VERSION'] ?? 'development',
    );
  } catch (error) {
    if (signal.aborted && (error === signal.reason || error instanceof InterruptedError)) return exitCode.interrupted;
    process.stderr.write(formatError(error));
    return error instanceof BuildMachinesError ? exitCode.failure : exitCode.defect;
  } finally {
    release();
  }
}

// A reader that ends early (`build-machines runs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode.success);
});
void main().then((status) => {
  process.exitCode = status;
});

import type { SmokeProbes, StateFolder } from '@build-machines/machines';
import { type ArtifactManifest, BuildMachinesError, type RunCommand } from '@build-machines/protocol';
import { everythingIn, scanSources } from '@build-machines/sources';
import { ensureWorkspaceState, fetchArtifacts, runRemotely, type TransportFactory } from '@build-machines/remote';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { LockedTools } from '../../haskell-task/toolchain-request.js';
import { toolchainRequest } from '../../haskell-task/toolchain-request.js';
import type { OpenedMachine } from '../opened-machine.js';
import { smokeHint } from './smoke-hint.js';
import { SMOKE_PACKAGE, writeSmokeProgram } from './smoke-program.js';

/** The program of the smoke test was not compiled, did not run, or did not come back. */
export class SmokeProgramError extends BuildMachinesError {
  readonly code = 'smoke-program';
  /** @param output all that the run wrote; the hint depends on it. */
  constructor(machine: string, problem: string, output = '') {
    super(problem, { hint: smokeHint(machine, output) });
  }
}

const NOTHING: ArtifactManifest = { version: 1, artifacts: [] };

/** Lines of a failed compilation that are shown. */
const SHOWN_LINES = 6;

/**
 * The two probes that use the machine as a build does: through sync, a run and the artifact store. They share one
 * program, so the second fails unless the first has succeeded.
 */
export function smokeRun(
  { machine }: Pick<OpenedMachine, 'machine'>,
  state: StateFolder,
  lock: LockedTools | null,
  connect: TransportFactory,
): Pick<SmokeProbes, 'compileAndRun' | 'artifactRoundTrip'> {
  const { name } = machine.definition;
  // One workspace for all smoke tests of a machine, so that they share one mirror there.
  const folder = join(state.machine(name), 'smoke-test');
  let built: ArtifactManifest | null = null;
  return {
    async compileAndRun(signal) {
      const expected = await writeSmokeProgram(folder, randomUUID());
      let output = '';
      const { result } = await runRemotely({
        connect,
        workspaceRoot: folder,
        machine: name,
        user: userInfo().username,
        sources: async (aborted) =>
          scanSources(folder, everythingIn(folder), await ensureWorkspaceState(folder), { signal: aborted }),
        command: smokeCommand(toolchainRequest({}, machine, lock)),
        onProgress: (progress) => {
          if (progress.type === 'output') output += progress.text;
        },
        signal,
      });
      if (result.outcome !== 'succeeded')
        throw new SmokeProgramError(
          name,
          `the run ended as "${result.outcome}": ${result.reason ?? lastLines(output)}`,
          output,
        );
      if (!output.split('\n').includes(expected))
        throw new SmokeProgramError(name, `the program did not print "${expected}" but: ${lastLines(output)}`);
      built = result.artifacts;
      return expected;
    },
    async artifactRoundTrip(signal) {
      const [program] = built?.artifacts.filter(({ kind }) => kind === 'executable') ?? [];
      if (built === null || program === undefined)
        throw new SmokeProgramError(name, 'the machine kept no artifact of the program that it compiled');
      const destination = join(folder, 'fetched');
      const place = { destination, madeFor: `the smoke test of ${name}`, turnFile: join(folder, 'fetch') };
      // What is here already would not be fetched.
      await fetchArtifacts({ connect, machine: name, manifest: NOTHING, ...place, signal });
      await fetchArtifacts({ connect, machine: name, manifest: built, ...place, signal });
      const content = await readFile(join(destination, program.path));
      const digest = createHash('sha256').update(content).digest('hex');
      if (digest !== program.sha256)
        throw new SmokeProgramError(name, `${program.path} came back as ${digest}, not as ${program.sha256}`);
      return `${content.length} bytes, the digest is the machine's`;
    },
  };
}

function smokeCommand(toolchain: RunCommand['toolchain']): RunCommand {
  return {
    label: 'smoke-test',
    prepare: [],
    argv: ['cabal', 'run', '-v1', `exe:${SMOKE_PACKAGE}`],
    cwd: SMOKE_PACKAGE,
    env: {},
    toolchain,
    artifacts: {
      projectDir: SMOKE_PACKAGE,
      buildDir: 'dist-newstyle',
      packages: [SMOKE_PACKAGE],
      kinds: ['executable'],
      globs: [],
    },
    reuse: false,
  };
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-SHOWN_LINES).join(' | ');
}

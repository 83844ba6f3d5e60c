import { BuildMachinesError } from '@build-machines/protocol';
import type { LaidHome } from '@build-machines/remote';

/** Files that a run wrote are not put over what is here. */
export class WrittenFilesRefusedError extends BuildMachinesError {
  readonly code = 'written-files-refused';
  constructor(refused: readonly LaidHome[]) {
    const lines = refused.map((one) => `  ${one.path}${one.how === 'refused' ? `: ${one.why}` : ''}`);
    super(`Files that the run wrote were not brought here:\n${lines.join('\n')}`, {
      hint: 'Move or commit what is here, then run the target again.',
      details: { paths: refused.map(({ path }) => path) },
    });
  }
}

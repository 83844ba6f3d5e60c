import { BuildMachinesError } from '@build-machines/protocol';

/** The backup cannot be written where it should. */
export class BackupTargetError extends BuildMachinesError {
  readonly code = 'hub-backup-target';
}

/** The file is no backup of a hub, or not a whole one. */
export class BackupUnreadableError extends BuildMachinesError {
  readonly code = 'hub-backup-unreadable';

  constructor(file: string, what: string, cause?: unknown) {
    super(`${file} is not a whole backup of a hub: ${what}`, {
      hint: 'Name a file that "npx build-machines hub backup" wrote. Nothing was changed.',
      cause,
    });
  }
}

/** A hub works on the state that a backup is to replace. */
export class HubRunningError extends BuildMachinesError {
  readonly code = 'hub-running';

  constructor(databaseFile: string) {
    super(`a hub works on ${databaseFile}`, {
      hint: 'Stop it first: npx build-machines hub stop, or systemctl --user stop build-machines-hub.service.',
    });
  }
}

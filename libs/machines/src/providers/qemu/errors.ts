import { BuildMachinesError } from '@build-machines/protocol';

/** QEMU is not installed. */
export class QemuMissingError extends BuildMachinesError {
  readonly code = 'qemu-missing';

  constructor(program: string, cause?: unknown) {
    super(`${program} is not installed`, { hint: 'Run: sudo apt-get install qemu-system-x86 qemu-utils', cause });
  }
}

/** QEMU ended at once, with its own words. */
export class QemuStartError extends BuildMachinesError {
  readonly code = 'qemu-start-failed';
}

/** QEMU's control socket does not answer as it should. */
export class QmpError extends BuildMachinesError {
  readonly code = 'qmp-failed';
}

/** The machine has no disk yet. */
export class QemuVmUnknownError extends BuildMachinesError {
  readonly code = 'qemu-vm-unknown';

  constructor(name: string) {
    super(`There is no QEMU machine ${name} yet`, { hint: `Import an image: nx run ${name}:vm-import` });
  }
}

/** A disk of another image is there, and nobody said what shall become of it. */
export class QemuVmExistsError extends BuildMachinesError {
  readonly code = 'qemu-vm-exists';

  constructor(name: string) {
    super(`The QEMU machine ${name} exists already, made from another image`, {
      hint: 'Add --replace to put the new image in its place; the old disk is kept for a rollback.',
    });
  }
}

/** The user has no systemd here that could start a machine. */
export class AutostartUnavailableError extends BuildMachinesError {
  readonly code = 'autostart-unavailable';

  constructor(name: string, said: string, cause?: unknown) {
    super(`Machine ${name} cannot be started by your systemd: ${said}`, {
      hint: `It needs a systemd of your own (systemctl --user status; under WSL, systemd=true in /etc/wsl.conf). Without one, after each start of the computer: nx run ${name}:up`,
      cause,
    });
  }
}

import { BuildMachinesError } from '@build-machines/protocol';

/** No SSH server answers at a machine's address. */
export class InjectionConnectError extends BuildMachinesError {
  readonly code = 'injection-connect';
}

/** Neither the build key nor the temporary password is accepted. */
export class InjectionLoginError extends BuildMachinesError {
  readonly code = 'injection-login';
}

/** The machine shows another host key than the one that is pinned, or that its console said. */
export class HostKeyChangedError extends BuildMachinesError {
  readonly code = 'host-key-changed';

  constructor(machine: string, expected: string, found: string, origin: string) {
    super(`${machine} shows the host key ${found}, but ${origin} is ${expected}`, {
      hint:
        `If the machine was made anew, forget the old key and inject again: nx run ${machine}:inject-keys --forgetHostKey. ` +
        'If it was not, somebody stands between you and it: do not go on.',
      details: { expected, found },
    });
  }
}

/** A step on the machine failed. */
export class InjectionStepError extends BuildMachinesError {
  readonly code = 'injection-step';
}

/** The machine still takes the temporary password after it was retired. */
export class PasswordStillAcceptedError extends BuildMachinesError {
  readonly code = 'password-still-accepted';

  constructor(machine: string) {
    super(`${machine} still accepts the temporary password`, {
      hint: 'Do not use this machine on a network. Look at /etc/ssh/sshd_config.d there: another file may set PasswordAuthentication.',
    });
  }
}

/** A folder like ~/vm-keys/<name> does not hold what it should. */
export class KeyFolderError extends BuildMachinesError {
  readonly code = 'key-folder';
}

import { BuildMachinesError } from '@build-machines/protocol';

/** Nobody has said yet that the key which a host shows is the host's. */
export class HostKeyUnconfirmedError extends BuildMachinesError {
  readonly code = 'host-key-unconfirmed';

  constructor(name: string, target: string, shown: readonly { type: string; fingerprint: string }[]) {
    super(
      `machine "${name}": nobody has confirmed yet that ${target} is the host that it should be. It shows ${shown
        .map(({ type, fingerprint }) => `${type} ${fingerprint}`)
        .join(', ')}.`,
      {
        hint:
          `Compare it on the host itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. If it is the same: ` +
          `nx run ${name}:up --acceptHostKey=${shown[0]?.fingerprint ?? 'SHA256:…'}. A host in your ~/.ssh/known_hosts needs no confirmation.`,
        details: { shown },
      },
    );
  }
}

/** The key that the user confirmed is none that the host shows. */
export class HostKeyNotShownError extends BuildMachinesError {
  readonly code = 'host-key-not-shown';

  constructor(name: string, target: string, accepted: string, shown: readonly string[]) {
    super(`machine "${name}": ${target} does not show the host key ${accepted} but ${shown.join(', ')}`, {
      hint: 'Look the fingerprint up on the host itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. If it is the one that you gave, somebody stands between you and the host.',
    });
  }
}

/** A host lacks what the agent needs. */
export class HostRequirementsError extends BuildMachinesError {
  readonly code = 'host-requirements';

  constructor(name: string, missing: readonly { readonly what: string; readonly fix: string }[]) {
    super(`machine "${name}" lacks ${missing.map(({ what }) => what).join('; ')}`, {
      hint: missing.map(({ fix }) => fix).join('\n'),
    });
  }
}

/** sudo on a host asks for a password, or is not there. */
export class SudoRefusedError extends BuildMachinesError {
  readonly code = 'sudo-refused';

  constructor(name: string, user: string, words: string) {
    super(`machine "${name}": ${user} may not use sudo without a password there (${words})`, {
      hint:
        `Allow it on the host: echo '${user} ALL=(root) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/build-machines && sudo chmod 440 /etc/sudoers.d/build-machines; ` +
        `or do without: set "sudo: false" in machine.yml (services of the user), and install packages yourself.`,
    });
  }
}

/** Another workstation, or another user of this one, holds a machine of this name in that account. */
export class HostTakenError extends BuildMachinesError {
  readonly code = 'host-taken';

  constructor(name: string, root: string) {
    super(`the host's account already is machine "${name}" of another workstation (${root} there)`, {
      hint: `Give the machine another name here, use another account on the host, or remove the other one: nx run ${name}:destroy on its workstation.`,
    });
  }
}

/** The folder for the machine in the host's account has contents that build-machines did not make. It was not changed. */
export class HostFolderForeignError extends BuildMachinesError {
  readonly code = 'host-folder-foreign';

  constructor(name: string, root: string) {
    super(
      `on the host of machine "${name}", ${root} is not a folder that build-machines made. Nothing in it was changed.`,
      {
        hint: `Give the machine another name, or, if nobody needs that folder, remove it on the host: rm -r ${root}`,
      },
    );
  }
}

/** What a host answered is not what our script prints: its shell says more, or less. */
export class HostAnswerError extends BuildMachinesError {
  readonly code = 'host-answer';
}

/** The bundles that arrived at a host are not those that were sent. */
export class HostUploadError extends BuildMachinesError {
  readonly code = 'host-upload';
}

/** A host that shall be reached directly is behind another one. */
export class HostBehindProxyError extends BuildMachinesError {
  readonly code = 'host-behind-proxy';

  constructor(name: string, host: string, proxy: string) {
    super(
      `machine "${name}": your ssh configuration reaches ${host} through "${proxy}", so nothing connects to it directly`,
      {
        hint: `Set "tunnel: true" in machines/${name}/machine.yml: the host then connects out to this computer, and ssh is needed for "nx run ${name}:up" only.`,
      },
    );
  }
}

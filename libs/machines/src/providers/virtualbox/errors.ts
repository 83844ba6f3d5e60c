import { BuildMachinesError } from '@build-machines/protocol';

/** VBoxManage is not where it was looked for. */
export class VBoxManageMissingError extends BuildMachinesError {
  readonly code = 'vboxmanage-missing';

  constructor(where: string, cause?: unknown) {
    super(`VBoxManage was not found ${where}`, {
      hint: 'Install VirtualBox 7.0 or later there: https://www.virtualbox.org/wiki/Downloads',
      cause,
    });
  }
}

/** The VirtualBox that was found is older than what its commands here are known to work with. */
export class VBoxManageTooOldError extends BuildMachinesError {
  readonly code = 'vboxmanage-too-old';

  constructor(found: string, needed: string) {
    super(`VirtualBox ${found} is too old: ${needed} or later is needed`, {
      hint: 'Install a newer one: https://www.virtualbox.org/wiki/Downloads',
    });
  }
}

/** A VM of that name exists, and nobody said what shall become of it. */
export class VmExistsError extends BuildMachinesError {
  readonly code = 'vm-exists';

  constructor(vm: string, detail: string) {
    super(`A virtual machine ${vm} exists already${detail === '' ? '' : ` (${detail})`}`, {
      hint: 'Add --replace to put the new image in its place (it is kept for a rollback), or --alongside to have both.',
    });
  }
}

/** There is no VM of that name. */
export class VmUnknownError extends BuildMachinesError {
  readonly code = 'vm-unknown';

  constructor(vm: string, cause?: unknown) {
    super(`VirtualBox has no virtual machine ${vm}`, { hint: `Import one: nx run ${vm}:vm-import`, cause });
  }
}

/** The VM is off, and would have to run. */
export class VmNotRunningError extends BuildMachinesError {
  readonly code = 'vm-not-running';

  constructor(vm: string, cause?: unknown) {
    super(`The virtual machine ${vm} is not running`, { hint: `Start it: nx run ${vm}:vm-start`, cause });
  }
}

/** The VM is in a state that does not allow what was asked. */
export class VmStateError extends BuildMachinesError {
  readonly code = 'vm-state';
}

/** VirtualBox cannot start a VM on its host. */
export class HypervisorDriverError extends BuildMachinesError {
  readonly code = 'hypervisor-driver';

  constructor(vm: string, said: string, cause?: unknown) {
    super(`VirtualBox could not start ${vm}: ${said}`, {
      hint:
        'Most often its kernel driver is missing or does not fit the kernel. On Linux: sudo apt-get install linux-headers-$(uname -r) && ' +
        'sudo /sbin/vboxconfig (with Secure Boot the module must be signed); with KVM loaded, unload it: sudo modprobe -r kvm_intel kvm_amd. ' +
        'Details are in VBox.log in the log folder of the VM.',
      cause,
    });
  }
}

/** The interface to bridge to is not on the hypervisor's host. VirtualBox itself only warns, and the VM has no network. */
export class BridgedInterfaceError extends BuildMachinesError {
  readonly code = 'bridged-interface';

  constructor(what: string, available: readonly string[]) {
    super(`${what}. Interfaces: ${available.length > 0 ? available.join(', ') : 'none'}`, {
      hint:
        available.length > 0
          ? `Set network.interface in machine.yml to one of them, such as "${available[0] ?? ''}".`
          : 'The host has no interface to bridge to; set network.mode to nat in machine.yml.',
      details: { available },
    });
  }
}

/** VBoxManage refused in words that we have no better ones for. */
export class VBoxManageFailedError extends BuildMachinesError {
  readonly code = 'vboxmanage-failed';
}

/** VirtualBox finds a wrong digest in an appliance that is in order. */
export class DigestDoubtedError extends BuildMachinesError {
  readonly code = 'vboxmanage-digest';

  constructor(ova: string, where: string, cause: unknown) {
    super(`VirtualBox ${where} finds a wrong digest in ${ova}, which has the right ones`, {
      hint: 'Its disk may be padded behind its end. Make the image anew: nx run <machine>:packer-build. If that does not help, check the memory and disk of that computer.',
      cause,
    });
  }
}

/** A file could not be brought to the computer that runs VirtualBox. */
export class HypervisorTransferError extends BuildMachinesError {
  readonly code = 'hypervisor-transfer';
}

/** The computer that runs VirtualBox cannot be reached. */
export class HypervisorHostError extends BuildMachinesError {
  readonly code = 'hypervisor-host';
}

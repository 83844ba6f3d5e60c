import { hasMachineOf, type Check, type Finding } from '../check.js';
import { isAtLeast, versionIn } from '../version.js';
import { isWsl } from '../wsl.js';

/** What the documentation asks for; older Packers do not fetch their plugins. */
const PACKER = '1.10';
/** The oldest VirtualBox whose VBoxManage speaks as vm-import expects. */
const VIRTUALBOX = '7.0';

export const packer: Check = {
  id: 'packer',
  title: 'Packer',
  async inspect(workstation) {
    const needed = hasMachineOf(workstation, 'virtualbox', 'qemu');
    const fix = 'Install Packer: developer.hashicorp.com/packer/install';
    const output = await workstation.run('packer', ['version']);
    // Red Hat's cracklib has a program of the same name.
    const version = /^Packer v(\S+)/m.exec(output?.stdout ?? '')?.[1];
    if (version === undefined) return absent(needed, 'not found: packer-build makes images with it', fix);
    if (isAtLeast(version, PACKER)) return { status: 'ok', found: version };
    return {
      status: needed ? 'warning' : 'unneeded',
      found: `${version}, older than ${PACKER}: it does not fetch its plugins by itself`,
      fix,
    };
  },
};

export const virtualBox: Check = {
  id: 'virtualbox',
  title: 'VirtualBox',
  async inspect(workstation) {
    const needed =
      workstation.workspace?.machines.some(
        ({ definition }) => definition.provider === 'virtualbox' && definition.hypervisor === undefined,
      ) ?? false;
    const wsl = await isWsl(workstation);
    const programs = wsl ? ['VBoxManage', 'VBoxManage.exe', WINDOWS_VBOXMANAGE] : ['VBoxManage'];
    for (const program of programs) {
      // Without the kernel driver Debian's wrapper prints a warning first; the version is in the last line.
      const line = (await workstation.run(program, ['--version']))?.stdout.trim().split('\n').at(-1);
      const version = line === undefined ? undefined : versionIn(line);
      if (version === undefined) continue;
      if (isAtLeast(version, VIRTUALBOX)) return { status: 'ok', found: `${version} (${program})` };
      return { status: needed ? 'missing' : 'unneeded', found: `${version}, older than ${VIRTUALBOX}`, fix: DOWNLOAD };
    }
    return absent(
      needed,
      wsl ? 'neither VBoxManage nor VBoxManage.exe was found' : 'VBoxManage was not found',
      wsl ? `${DOWNLOAD} (on Windows, in its default folder)` : DOWNLOAD,
    );
  },
};

const DOWNLOAD = 'Install VirtualBox 7.0 or later: virtualbox.org/wiki/Downloads';
/** Where the Windows installer puts it, as WSL2 shows it; it is not on PATH there. */
const WINDOWS_VBOXMANAGE = '/mnt/c/Program Files/Oracle/VirtualBox/VBoxManage.exe';

export const qemu: Check = {
  id: 'qemu',
  title: 'QEMU',
  async inspect(workstation) {
    const needed = hasMachineOf(workstation, 'qemu');
    const output = await workstation.run('qemu-system-x86_64', ['--version']);
    const image = await workstation.find('qemu-img');
    if (output === undefined || image === undefined)
      return absent(
        needed,
        `${output === undefined ? 'qemu-system-x86_64' : 'qemu-img'} was not found`,
        workstation.install('qemu'),
      );
    return { status: 'ok', found: versionIn(output.stdout) ?? 'found' };
  },
};

export const kvm: Check = {
  id: 'kvm',
  title: 'KVM',
  async inspect(workstation) {
    const flags = (await workstation.read('/proc/cpuinfo')) ?? '';
    if (/^flags\s*:.*\b(vmx|svm)\b/m.test(flags)) return { status: 'ok', found: 'the processor virtualizes' };
    return {
      status: hasMachineOf(workstation, 'qemu') ? 'warning' : 'unneeded',
      found: 'the processor offers no virtualization: QEMU machines run in emulation, many times slower',
      fix: 'Switch virtualization on in the firmware, or nested virtualization in the hypervisor of this computer.',
    };
  },
};

function absent(needed: boolean, found: string, fix: string): Finding {
  return needed
    ? { status: 'missing', found, fix }
    : { status: 'unneeded', found: `${found}; no machine here needs it`, fix };
}

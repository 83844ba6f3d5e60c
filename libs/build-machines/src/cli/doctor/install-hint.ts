/** Gives the command that installs a program on this computer. */
export type InstallHint = (program: InstallableProgram) => string;

/** The programs that distributions package. */
export type InstallableProgram = 'ssh' | 'sshd' | 'autossh' | 'git' | 'qemu';

type PackageManager = 'apt' | 'dnf' | 'pacman' | 'zypper' | 'brew';

const packages: Record<PackageManager, Record<InstallableProgram, string>> = {
  apt: {
    ssh: 'openssh-client',
    sshd: 'openssh-server',
    autossh: 'autossh',
    git: 'git',
    qemu: 'qemu-system-x86 qemu-utils',
  },
  dnf: { ssh: 'openssh-clients', sshd: 'openssh-server', autossh: 'autossh', git: 'git', qemu: 'qemu-kvm qemu-img' },
  pacman: { ssh: 'openssh', sshd: 'openssh', autossh: 'autossh', git: 'git', qemu: 'qemu-base' },
  zypper: {
    ssh: 'openssh-clients',
    sshd: 'openssh-server',
    autossh: 'autossh',
    git: 'git',
    qemu: 'qemu-x86 qemu-tools',
  },
  brew: { ssh: 'openssh', sshd: 'openssh', autossh: 'autossh', git: 'git', qemu: 'qemu' },
};

const commands: Record<PackageManager, string> = {
  apt: 'sudo apt-get install',
  dnf: 'sudo dnf install',
  pacman: 'sudo pacman -S',
  zypper: 'sudo zypper install',
  brew: 'brew install',
};

/** Distributions by the ID and ID_LIKE of /etc/os-release (os-release(5)). */
const families: readonly (readonly [id: string, manager: PackageManager])[] = [
  ['debian', 'apt'],
  ['ubuntu', 'apt'],
  ['fedora', 'dnf'],
  ['rhel', 'dnf'],
  ['arch', 'pacman'],
  ['suse', 'zypper'],
  ['opensuse', 'zypper'],
];

/**
 * How programs are installed here.
 * @param osRelease text of /etc/os-release; undefined where there is none. Unknown systems get Debian's package names.
 */
export function installHint(platform: string, osRelease: string | undefined): InstallHint {
  const manager = platform === 'darwin' ? 'brew' : managerOf(osRelease ?? '');
  return (program) => `${commands[manager]} ${packages[manager][program]}`;
}

function managerOf(osRelease: string): PackageManager {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, value = '']) => value.split(' '));
  return families.find(([id]) => ids.includes(id))?.[1] ?? 'apt';
}

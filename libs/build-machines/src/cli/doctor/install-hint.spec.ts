import { installHint } from './install-hint.js';

describe('the command that installs a program', () => {
  it.each([
    ['linux', 'NAME="Debian"\nID=debian\n', 'sudo apt-get install openssh-server'],
    ['linux', 'ID=pop\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install openssh-server'],
    ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install openssh-server'],
    ['linux', 'ID=arch\n', 'sudo pacman -S openssh'],
    ['linux', undefined, 'sudo apt-get install openssh-server'],
    ['darwin', undefined, 'brew install openssh'],
  ])('on %s with %j is %s', (platform, osRelease, command) => {
    expect(installHint(platform, osRelease)('sshd')).toBe(command);
  });
});

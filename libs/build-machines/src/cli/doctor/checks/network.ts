import type { LoadedMachine } from '@build-machines/machines';
import type { Check, Workstation } from '../check.js';
import { isWsl } from '../wsl.js';

export const wslNetwork: Check = {
  id: 'wsl',
  title: 'WSL2 networking',
  async inspect(workstation) {
    if (!(await isWsl(workstation))) return { status: 'ok', found: 'this is not WSL2' };
    const mode = (await workstation.run('wslinfo', ['--networking-mode']))?.stdout.trim() ?? 'nat';
    if (mode === 'mirrored') return { status: 'ok', found: 'mirrored: machines of the LAN reach the relay' };
    const port = workstation.workspace?.registry.services.relay ?? 12220;
    const waiting = reachedFromOutside(workstation);
    const address = (await workstation.run('hostname', ['-I']))?.stdout.trim().split(/\s+/)[0] ?? '<address of WSL>';
    return {
      status: waiting.length > 0 ? 'missing' : 'warning',
      found: `${mode}: machines outside of this computer cannot reach the relay on port ${port}`,
      fix: [
        'Set networkingMode=mirrored under [wsl2] in %UserProfile%\\.wslconfig and run `wsl --shutdown`, or forward the port in an administrator PowerShell:',
        `netsh interface portproxy add v4tov4 listenport=${port} listenaddress=0.0.0.0 connectport=${port} connectaddress=${address}`,
      ].join('\n'),
    };
  },
};

export const firewall: Check = {
  id: 'firewall',
  title: 'Firewall',
  async inspect(workstation) {
    const waiting = reachedFromOutside(workstation);
    if (waiting.length === 0) return { status: 'ok', found: 'no machine here connects in from outside' };
    const port = workstation.workspace?.registry.services.relay ?? 12220;
    const names = waiting.map(({ definition }) => definition.name).join(', ');
    if (/^ENABLED=yes/m.test((await workstation.read('/etc/ufw/ufw.conf')) ?? ''))
      return {
        status: 'warning',
        found: `ufw is on: see to it that it lets ${names} reach port ${port}`,
        fix: `sudo ufw allow proto tcp to any port ${port}`,
      };
    if ((await workstation.run('systemctl', ['is-active', 'firewalld']))?.stdout.trim() === 'active')
      return {
        status: 'warning',
        found: `firewalld is on: see to it that it lets ${names} reach port ${port}`,
        fix: `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`,
      };
    if (await isWsl(workstation))
      return {
        status: 'warning',
        found: `the Windows firewall has to let ${names} reach port ${port}`,
        fix: `New-NetFirewallRule -DisplayName build-machines -Direction Inbound -Protocol TCP -LocalPort ${port} -Action Allow`,
      };
    return { status: 'ok', found: 'neither ufw nor firewalld is on' };
  },
};

/** Machines that connect to the embedded relay from outside of this computer. */
function reachedFromOutside({ workspace }: Workstation): readonly LoadedMachine[] {
  return (workspace?.machines ?? []).filter(
    ({ definition: { provider, relay, tunnel, network } }) =>
      relay.kind === 'embedded' &&
      (provider === 'virtualbox' ||
        (provider === 'ssh' && tunnel) ||
        (provider === 'qemu' && network.mode === 'bridged')),
  );
}

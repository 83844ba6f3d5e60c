import { commonSshdOptions, type SshdOption } from '../sshd/config-text.js';

/** The embedded relay: an sshd that carries tunnels and has no sessions at all. */
export function relayOptions(options: Parameters<typeof commonSshdOptions>[0]): SshdOption[] {
  return [
    ...commonSshdOptions(options),
    // Which ports, is said for each key by its line in authorized_keys.
    ['AllowTcpForwarding', 'yes'],
    ['AllowStreamLocalForwarding', 'no'],
    ['PermitTTY', 'no'],
    // No shell, command or subsystem can be opened on a connection; forwarding needs none (`ssh -N`).
    ['MaxSessions', '0'],
    ['ForceCommand', 'exit 1'],
    ['MaxAuthTries', '3'],
    // All machines of a workspace may come back in the same second, after the workstation slept.
    ['MaxStartups', '100:30:200'],
  ];
}

import { readConsole } from './console.js';
import { readSettings, renderSettings } from './settings.js';

const settings = {
  ...{ relayHost: '192.168.1.5', relayPort: 12220, relayUser: 'ada', tunnelPort: 12222 },
  ...{ hubHost: 'localhost', hubPort: 8000 },
};

describe('build-agent.env', () => {
  it('keeps comments and unknown lines, and fills in what we know', () => {
    const text = renderSettings('# mine\nSSH_RELAY_HOST=\nEXTRA=1\n', settings);
    expect(text).toContain('# mine\nSSH_RELAY_HOST=192.168.1.5\nEXTRA=1\n');
    expect(readSettings(text)).toEqual(settings);
  });

  it('takes empty values as not given', () => {
    expect(readSettings('SSH_RELAY_HOST=\nSSH_RELAY_PORT=abc\nSSH_RELAY_USER=ada\n')).toEqual({ relayUser: 'ada' });
  });

  it('refuses a value that would be another line', () => {
    expect(() => renderSettings('', { ...settings, relayHost: 'a\nLD_PRELOAD=x' })).toThrow('SSH_RELAY_HOST');
  });
});

describe('a serial console', () => {
  it('gives the host key and address of the last boot', () => {
    const log =
      'build-machine host-key ssh-ed25519 OLD=\r\n[ 1.0] x\r\nbuild-machine host-key ssh-ed25519 NEW=\r\nbuild-machine address 10.0.2.15\r\n';
    expect(readConsole(log)).toEqual({ hostKey: 'ssh-ed25519 NEW=', address: '10.0.2.15' });
    expect(readConsole('')).toEqual({ hostKey: undefined, address: undefined });
  });
});

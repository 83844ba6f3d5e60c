import { MachineDefinition } from '@build-machines/protocol';
import { reconcilePackerVariables } from './packer-variables.js';

const machine = MachineDefinition.parse({
  name: 'vm',
  provider: 'qemu',
  toolchains: { ghc: ['9.8.4'] },
  resources: { cpus: 2 },
});

describe('the Packer variables of a machine', () => {
  it('are left alone when they agree with machine.yml', () => {
    const text = reconcilePackerVariables(undefined, machine);
    expect(reconcilePackerVariables(text, machine)).toBe(text);
  });

  it('follow machine.yml, while lines of the user keep their place', () => {
    const text = [
      '# mine',
      'iso_url = "file:///isos/noble.iso"',
      'cpus = 8 # was enough',
      'ghc_versions = ["9.6.6"]',
      '',
    ].join('\n');
    const lines = reconcilePackerVariables(text, machine).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '# mine',
      'iso_url = "file:///isos/noble.iso"',
      'cpus           = 2 # was enough',
      'ghc_versions   = ["9.8.4"]',
    ]);
    expect(lines).toContain('memory_mib     = 8192');
  });

  it("escape HCL's template openings", () => {
    const text = reconcilePackerVariables(undefined, { ...machine, name: '${env.HOME}%{if}' });
    expect(text).toContain('vm_name        = "$${env.HOME}%%{if}"');
  });
});

import { MachineDefinition } from '@build-machines/protocol';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderMachineYml } from './machine-yml.js';

const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(9)).map((parts) => parts.join('.'));
const awkward = fc.oneof(
  fc.constantFrom('yes', 'null', '1e3', '#', ': ', '- x', '"', "'", '*a', '&a', '0x1f', '10.0', '${x}'),
  fc.string(),
);
const virtual = fc.record({
  name: fc.constant('vm'),
  provider: fc.constantFrom('virtualbox', 'qemu'),
  relay: fc.record({ kind: fc.constantFrom('embedded', 'system'), host: fc.option(awkward, { nil: undefined }) }),
  toolchains: fc.record({ ghc: fc.array(version), cabal: fc.option(version, { nil: undefined }) }),
  labels: fc.dictionary(fc.constantFrom('a', 'size', '9', 'x/y'), awkward),
  network: fc.record({ interface: fc.option(awkward, { nil: undefined }) }),
  image: fc.option(awkward, { nil: undefined }),
});

describe('the text of machine.yml', () => {
  it('reads back as the machine that it was made from, whatever its strings hold', () => {
    fc.assert(
      fc.property(virtual, (input) => {
        const machine = MachineDefinition.parse(input);
        expect(MachineDefinition.parse(parse(renderMachineYml(machine)))).toEqual(machine);
      }),
    );
  });

  it('says for people what they can change', () => {
    const text = renderMachineYml(MachineDefinition.parse({ name: 'sandbox', provider: 'sandbox' }));
    expect(text).toBe(
      [
        '# yaml-language-server: $schema=../../node_modules/build-machines/schemas/machine.schema.json',
        '# Build machine "sandbox". What each key means: node_modules/build-machines/docs/reference/machine-yml.md',
        'name: sandbox',
        'provider: sandbox # this very computer, with a real sshd, tunnel and agent',
        '',
        'slots: 1 # runs at a time',
        '',
      ].join('\n'),
    );
  });
});

import { readBuildProgress } from './build-progress.js';
import { explainBuildFailure } from './explain-failure.js';
import { parsePackerLine } from './machine-readable.js';
import { fetchesPlugins, isAtLeast, parsePackerVersion } from './version.js';

/** Lines of Packer 1.6.6, recorded. */
const progress = (line: string): unknown[] => {
  const event = parsePackerLine(line);
  return event ? [...readBuildProgress(event)] : [];
};

describe('following a packer build', () => {
  it('reads stages, steps, output and complaints', () => {
    expect(
      progress('1795518590,,ui,say,==> haskell.qemu.disk-image: Starting VM%!(PACKER_COMMA) booting disk image'),
    ).toEqual([{ kind: 'stage', text: 'Starting VM, booting disk image' }]);
    expect(
      progress('1795519050,,ui,message,    haskell.qemu.disk-image: build-machines: step 6/8 60-first-boot'),
    ).toEqual([{ kind: 'step', text: 'first-boot', step: { number: 6, total: 8 } }]);
    expect(
      progress('1795519070,,ui,message,    haskell.qemu.disk-image: GHC 9.0.2 compiles%!(PACKER_COMMA) links gmp'),
    ).toEqual([{ kind: 'line', text: 'GHC 9.0.2 compiles, links gmp' }]);
    expect(progress('1795518848,,ui,error,==> haskell.qemu.disk-image: 50-ssh.sh: sshd does not read it.')).toEqual([
      { kind: 'error', text: '50-ssh.sh: sshd does not read it.' },
    ]);
  });

  it('leaves out what is no event', () => {
    expect(parsePackerLine('panic: runtime error')).toBeUndefined();
    expect(progress('1795518848,,error-count,1')).toEqual([]);
  });

  it('names the step that failed, and its own words', () => {
    const error = explainBuildFailure(
      {
        exitCode: 1,
        errors: ['50-ssh.sh: sshd does not read it.', 'build-machines: step 50-ssh failed with exit status 1'],
        lastLines: [],
      },
      '/x/serial.log',
    );
    expect(error.message).toContain('provisioning step ssh failed');
    expect(error.message).toContain('50-ssh.sh: sshd does not read it.');
  });

  it('knows versions, also beyond 1.9', () => {
    const version = parsePackerVersion('Packer v1.11.2\n\nYour version of Packer is out of date!');
    expect(version).toEqual([1, 11, 2]);
    expect(isAtLeast([1, 11, 2], [1, 6, 6])).toBe(true);
    expect(isAtLeast([1, 6, 5], [1, 6, 6])).toBe(false);
    expect([fetchesPlugins([1, 6, 6]), fetchesPlugins([1, 7, 0])]).toEqual([false, true]);
  });
});

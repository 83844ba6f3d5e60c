import { BuildMachinesError } from '@build-machines/protocol';
import { formatError } from './report-error.js';

class TunnelDownError extends BuildMachinesError {
  readonly code = 'tunnel-down';
}

describe('an error on the terminal', () => {
  it('is what happened and what to do next, without a stack trace, when the user can mend it', () => {
    const text = formatError(new TunnelDownError('The tunnel is down.', { hint: 'Run\nnx run box:up' }));
    expect(text).toBe('\n✖ The tunnel is down. [tunnel-down]\n  → Run\n    nx run box:up\n');
  });

  it('is no defect of ours when the operating system refused something that the user can mend', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const text = formatError(full);
    expect(text).toMatch(/no space left on device.*\[refused-by-system\]\n  → Free some space/);
    expect(text).not.toMatch(/defect|\n\s+at /);
  });

  it('shows its stack when it is a defect of ours, and says so', () => {
    const text = formatError(new TypeError('x is not a function'));
    expect(text).toContain('x is not a function');
    expect(text).toMatch(/\n\s+at /);
    expect(text).toContain('defect');
  });

  it('is printed even when what was thrown is no error', () => {
    expect(formatError('text')).toContain('text');
  });
});

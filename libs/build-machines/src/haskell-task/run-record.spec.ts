import { RemoteReportedError } from '@build-machines/protocol';
import { endedBy } from './run-record.js';

const refusal = (code: string): RemoteReportedError =>
  new RemoteReportedError({ code, message: 'box does not have ghc 9.6.6', hint: '' }, 422);

describe('the record of a run that an error ended', () => {
  const running = new AbortController().signal;

  it('says that it failed where the machine refused it', () => {
    expect(endedBy(refusal('toolchain-missing'), running)).toEqual({
      outcome: 'failed',
      reason: 'box does not have ghc 9.6.6',
    });
  });

  it('says that it was lost where the machine went away', () => {
    for (const error of [refusal('agent-stopping'), refusal('connection-lost'), new Error('gone')])
      expect(endedBy(error, running).outcome).toBe('lost');
  });

  it('says that it was cancelled where somebody did', () => {
    expect(endedBy(refusal('toolchain-missing'), AbortSignal.abort()).outcome).toBe('cancelled');
  });
});

import { describeWaiting } from './describe-waiting.js';

describe('a place in the queue', () => {
  it.each([
    [{ position: 1, expected_wait_seconds: 90, reasons: ['a is busy'] }, 'next in line, about 2 min · a is busy'],
    [
      { position: 3, expected_wait_seconds: 0, reasons: ['a is busy', 'b is being drained'] },
      '2 before this, about 1 s · a is busy · b is being drained',
    ],
    [{ position: 2, expected_wait_seconds: null, reasons: [] }, '1 before this'],
    [{ position: 1, expected_wait_seconds: 4000, reasons: [] }, 'next in line, about 1 h 7 min'],
  ])('is told with its reasons: %j', (waiting, expected) => {
    expect(describeWaiting(waiting)).toBe(`Waiting for a machine: ${expected}`);
  });

  it('is told with its end when no machine is there to wait for', () => {
    const givesUpAt = new Date(2026, 0, 1, 14, 3, 20);
    const waiting = { position: 1, expected_wait_seconds: null, reasons: ['a is gone: it has been silent since x'] };
    expect(describeWaiting({ ...waiting, givesUpAt })).toBe(
      'Waiting for a machine until 14:03:20, in case it comes back: a is gone: it has been silent since x',
    );
  });
});

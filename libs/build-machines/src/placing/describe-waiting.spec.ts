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
});

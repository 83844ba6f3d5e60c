import { PauseWatch } from './pause-watch.js';

describe('a pause', () => {
  it.each([
    ['of the computer', { wall: 40_000, steady: 2_000 }, 38_000],
    ['of this process alone', { wall: 40_000, steady: 40_000 }, 33_000],
    ['that is a clock set forward', { wall: 3_602_000, steady: 2_000 }, 3_600_000],
    ['that is a clock set back', { wall: -3_598_000, steady: 2_000 }, -3_600_000],
    ['that is none: time passes', { wall: 2_000, steady: 2_000 }, 0],
    ['that is none: the computer is busy', { wall: 6_500, steady: 6_500 }, 0],
    ['that is none: the clock is trimmed', { wall: 2_400, steady: 2_000 }, 0],
  ])('%s', (_case, passed, lost) => {
    const clock = { wall: 1_000_000, steady: 50 };
    const watch = new PauseWatch({ wall: () => clock.wall, steady: () => clock.steady }, 7_000);
    clock.wall += passed.wall;
    clock.steady += passed.steady;
    expect(watch.look()).toBe(lost);
    expect(watch.look()).toBe(0);
  });
});

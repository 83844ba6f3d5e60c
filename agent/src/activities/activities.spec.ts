import type { Activity } from '@build-machines/protocol';
import { Activities } from './activities.js';

const build: Activity = {
  kind: 'run',
  label: 'app:remote-build',
  user: 'ada',
  workspace: 'w',
  since: '2026-01-01T00:00:00.000Z',
};
const never = new AbortController().signal;

describe('the activities of an agent', () => {
  it('keep it from being held, by name, until the last one ends', () => {
    const activities = new Activities();
    const ends = [activities.tryBegin(() => build), activities.tryBegin(() => ({ ...build, label: 'b' }))];
    expect(() => activities.hold()).toThrow('app:remote-build of ada, b of ada');
    ends[0]?.();
    ends[0]?.();
    expect(() => activities.hold()).toThrow('The machine is busy with b of ada.');
    ends[1]?.();
    activities.hold();
  });

  it('wait while it is held, and begin when the hold is over', async () => {
    const activities = new Activities();
    const release = activities.hold();
    expect(activities.tryBegin(() => build)).toBeUndefined();
    let begun = false;
    const beginning = activities
      .begin(() => build, never)
      .then(() => {
        begun = true;
      });
    await new Promise(setImmediate);
    expect(begun).toBe(false);
    release();
    await beginning;
    expect(activities.current).toEqual([build]);
  });

  it('may be held by one at a time, and an old hold ends no newer one', () => {
    const activities = new Activities();
    const first = activities.hold();
    expect(() => activities.hold()).toThrow('being changed by another command');
    first();
    activities.hold();
    first();
    expect(activities.tryBegin(() => build)).toBeUndefined();
  });

  it('count those that are only looked up, such as sessions', () => {
    const activities = new Activities();
    const others: Activity[] = [{ ...build, kind: 'session', label: 'app:remote-ghci' }];
    activities.include(() => others);
    expect(() => activities.hold()).toThrow('app:remote-ghci of ada');
    others.length = 0;
    activities.hold();
  });

  it('that waited in vain are let go by an abort', async () => {
    const activities = new Activities();
    activities.hold();
    const controller = new AbortController();
    const beginning = activities.begin(() => build, controller.signal);
    controller.abort(new Error('gone'));
    activities.release();
    await expect(beginning).rejects.toThrow('gone');
  });
});

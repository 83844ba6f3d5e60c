import { RemoteReportedError } from '@build-machines/protocol';
import { HubUnreachableError } from '@build-machines/state-hub';
import { orWithoutLease } from './without-lease.js';

const body = (code: string) => ({ code, message: `${code}!`, hint: 'Do something.' });
const request = { label: 'app:remote-build', machines: ['one', 'two', 'three'] as const, avoid: ['two'] };

describe('a hub that cannot give a lease', () => {
  it.each([
    ['because its disk is full', new RemoteReportedError(body('hub-disk-full'), 507)],
    ['because of a defect', new RemoteReportedError(body('hub-defect'), 500)],
    ['because it is gone', new HubUnreachableError('http://hub', new Error('refused'))],
  ])('%s costs the lease, not the run', async (_why, error) => {
    const said: string[] = [];
    const placement = orWithoutLease({ place: () => Promise.reject(error) }, ['two', 'three'], (text) => {
      said.push(text);
    });
    const place = await placement.place(request);
    expect([place.machine, place.lease, place.lost.aborted]).toEqual(['three', undefined, false]);
    expect(said).toEqual([expect.stringContaining(`No lease: ${error.message}. Runs without one.`)]);
  });

  it.each([
    ['that no machine fits', new RemoteReportedError(body('no-machine-fits'), 422)],
    ['whose token it is', new RemoteReportedError(body('access-denied'), 403)],
  ])('because it says %s is believed', async (_what, error) => {
    const placement = orWithoutLease({ place: () => Promise.reject(error) }, ['one'], () => undefined);
    await expect(placement.place(request)).rejects.toBe(error);
  });
});

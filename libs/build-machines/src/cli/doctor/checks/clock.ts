import { HubClient, HubUnreachableError } from '@build-machines/state-hub';
import { count } from '../../../haskell-task/run-console.js';
import type { Check } from '../check.js';

/** Beyond this, cabal's and GHC's comparison of times goes wrong and certificates may. Milliseconds. */
const TOLERATED_MS = 5_000;

export const clock: Check = {
  id: 'clock',
  title: 'Clocks',
  async inspect({ workspace, signal }) {
    if (workspace === undefined) return { status: 'warning', found: 'not looked at: there is no valid workspace' };
    const url = `http://127.0.0.1:${workspace.registry.services.hub}`;
    try {
      const machines = await new HubClient({ url }).listMachines({}, signal);
      const skewed = machines.filter(({ clock_skew_ms: skew }) => Math.abs(skew ?? 0) > TOLERATED_MS);
      if (skewed.length === 0)
        return {
          status: 'ok',
          found: `${count(machines.length, 'machine')} compared, within ${TOLERATED_MS / 1000} s of this clock`,
        };
      return {
        status: 'warning',
        found: skewed.map(({ name, clock_skew_ms: skew }) => `${name} is off by ${(skew ?? 0) / 1000} s`).join('; '),
        fix: 'On the machine: sudo timedatectl set-ntp true (and the same here, if this clock is the wrong one).',
      };
    } catch (error) {
      if (!(error instanceof HubUnreachableError)) throw error;
      return { status: 'ok', found: 'not compared: the State Hub is not running' };
    }
  },
};

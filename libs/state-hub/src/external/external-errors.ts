import { BuildMachinesError } from '@build-machines/protocol';

/** What only a hub of build-machines can do. */
export const HUB_FEATURES = ['heartbeats', 'leases', 'runs', 'events', 'cache'] as const;
export type HubFeature = (typeof HUB_FEATURES)[number];

/** The hub at `hubUrl` is another State Hub, without what was asked for. */
export class HubFeatureMissingError extends BuildMachinesError {
  readonly code = 'hub-feature-missing';

  constructor(url: string, feature: HubFeature) {
    super(`the State Hub at ${url} has no ${feature}: it is not a hub of build-machines`, {
      hint: `Go without ${feature}, or remove hubUrl from the configuration to use the embedded hub.`,
      details: { url, feature },
    });
  }
}

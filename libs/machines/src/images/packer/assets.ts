import { join } from 'node:path';

/** Where the files are that an image is made from; all of them come with the plugin. */
export interface ImageAssets {
  readonly templates: string;
  readonly scripts: string;
  readonly pins: string;
  readonly units: string;
  readonly agentBundle: string;
}

/** The layout of a checkout, and of the published package. @param packerFolder the folder `packer`. */
export function imageAssets(packerFolder: string, units: string, agentBundle: string): ImageAssets {
  return {
    templates: join(packerFolder, 'haskell'),
    scripts: join(packerFolder, 'scripts'),
    pins: join(packerFolder, 'pins.json'),
    units,
    agentBundle,
  };
}

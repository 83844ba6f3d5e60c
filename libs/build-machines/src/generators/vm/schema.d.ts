/** Options of `nx g build-machines:vm`; each is described in schema.json. */
export interface VmGeneratorSchema {
  name: string;
  provider: 'virtualbox' | 'qemu' | 'ssh' | 'sandbox';
  cpus?: number;
  memory?: number;
  disk?: number;
  network?: 'bridged' | 'nat';
  bridgedInterface?: string;
  ghc?: string[];
  cabal?: string;
  stack?: string;
  hls?: string;
  packages?: string[];
  relay?: 'embedded' | 'system';
  relayHost?: string;
  hubUrl?: string;
  labels?: string[];
  slots?: number;
  host?: string;
  tunnel?: boolean;
  sudo?: boolean;
  hypervisor?: string;
  image?: string;
  skipFormat?: boolean;
}

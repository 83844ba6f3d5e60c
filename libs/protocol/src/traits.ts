import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ExactVersion } from './toolchain.js';

/** Readable facts, by name: `package libghc-random-dev` → `1.2.1-1`. A content has a digest as its value. */
export const TraitParts = z.record(z.string(), z.string());
export type TraitParts = z.infer<typeof TraitParts>;

/**
 * What a build can see of a machine: two machines of the same traits give the same results. Compilers and releases of
 * cabal are apart from the rest, since a run sees one of each: installing another one beside them changes nothing for it.
 */
export const MachineTraits = z.object({
  system: TraitParts.describe('System, architecture, development packages, tools, configuration and indices of cabal.'),
  ghc: z.record(ExactVersion, TraitParts).describe('Each compiler, with its global and user package databases.'),
  cabal: z.record(ExactVersion, TraitParts),
});
export type MachineTraits = z.infer<typeof MachineTraits>;

/** The tools of a run, by version; what {@link MachineTraits} holds of other versions does not concern it. */
export interface ToolVersions {
  readonly ghc?: string | undefined;
  readonly cabal?: string | undefined;
}

/** The traits that a run with these tools can see. */
export function traitsSeen(traits: MachineTraits, { ghc, cabal }: ToolVersions): TraitParts {
  return {
    ...traits.system,
    ...named(`GHC ${ghc ?? ''}`, ghc === undefined ? undefined : traits.ghc[ghc]),
    ...named(`cabal ${cabal ?? ''}`, cabal === undefined ? undefined : traits.cabal[cabal]),
  };
}

function named(tool: string, parts: TraitParts | undefined): TraitParts {
  return Object.fromEntries(Object.entries(parts ?? {}).map(([name, value]) => [`${tool}: ${name}`, value]));
}

/** One digest of traits, whatever order they come in. */
export function traitsDigest(parts: TraitParts): string {
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** What differs between two sets of traits, for people; empty where they are the same. */
export function traitDifferences(before: TraitParts, now: TraitParts): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before[name], now[name]];
    if (was === is) return [];
    if (was === undefined) return `${name} ${is ?? ''} is new`;
    if (is === undefined) return `${name} ${was} is gone`;
    return `${name} was ${was}, is ${is}`;
  });
}

/** Differences as one text, cut after the first few. */
export function differencesText(differences: readonly string[], most = 5): string {
  const more = differences.length - most;
  return [...differences.slice(0, most), ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

import { z } from 'zod';
import type { Verbatim } from './verbatim.js';

/** A value or a list of them: hpack takes both nearly everywhere. */
const Strings = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value) => (typeof value === 'string' ? [value] : (value ?? [])));

/** A range, alone or as `version` of an object; other values name no range. */
function rangeOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'version' in value ? rangeOf(value.version) : '';
  return typeof value === 'string' ? value : '';
}

/** `dependencies`: a name with a range, a list of those (or of objects with `name`), or a map from name to range. */
const Dependencies = z
  .union([
    z.string(),
    z.array(z.union([z.string(), z.looseObject({ name: z.string() })])),
    z.record(z.string(), z.unknown()),
  ])
  .nullish()
  .transform((value): string[] => {
    if (value === undefined || value === null) return [];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value))
      return value.map((item) => (typeof item === 'string' ? item : `${item.name} ${rangeOf(item)}`));
    return Object.entries(value).map(([name, range]) => `${name} ${rangeOf(range)}`);
  });

/** `verbatim`: Cabal's own syntax, fields with their values, or a list of both. */
const Verbatims = z
  .union([
    z.string(),
    z.record(z.string(), z.unknown()),
    z.array(z.union([z.string(), z.record(z.string(), z.unknown())])),
  ])
  .nullish()
  .transform((value): Verbatim[] => (Array.isArray(value) ? value : value ? [value] : []));

/** What may stand at the top level, in a component and in a conditional. Unknown keys are hpack's business. */
export interface HpackSection {
  readonly dependencies: string[];
  readonly 'build-tools': string[];
  readonly 'source-dirs': string[];
  readonly 'c-sources': string[];
  readonly 'cxx-sources': string[];
  readonly 'asm-sources': string[];
  readonly 'js-sources': string[];
  readonly 'install-includes': string[];
  readonly 'include-dirs': string[];
  readonly 'extra-lib-dirs': string[];
  readonly 'default-extensions': string[];
  readonly 'other-extensions': string[];
  readonly 'ghc-options': string[];
  readonly 'cpp-options': string[];
  readonly 'cc-options': string[];
  readonly 'ld-options': string[];
  readonly verbatim: Verbatim[];
  readonly main?: string | null;
  readonly when: HpackSection[];
  readonly then?: HpackSection | null;
  readonly else?: HpackSection | null;
}

const Conditionals = z.lazy(() =>
  z
    .union([HpackSection, z.array(HpackSection)])
    .nullish()
    .transform((value): HpackSection[] => (Array.isArray(value) ? value : value ? [value] : [])),
);

const HpackSection: z.ZodType<HpackSection, unknown> = z.lazy(() =>
  z.looseObject({
    dependencies: Dependencies,
    'build-tools': Dependencies,
    'source-dirs': Strings,
    'c-sources': Strings,
    'cxx-sources': Strings,
    'asm-sources': Strings,
    'js-sources': Strings,
    'install-includes': Strings,
    'include-dirs': Strings,
    'extra-lib-dirs': Strings,
    'default-extensions': Strings,
    'other-extensions': Strings,
    'ghc-options': Strings,
    'cpp-options': Strings,
    'cc-options': Strings,
    'ld-options': Strings,
    verbatim: Verbatims,
    main: z.string().nullish(),
    when: Conditionals,
    then: HpackSection.nullish(),
    else: HpackSection.nullish(),
  }),
);

const Components = z
  .record(z.string(), HpackSection.nullable())
  .nullish()
  .transform((value) => value ?? {});

/** package.yaml of hpack 0.38 (https://github.com/sol/hpack#readme), as far as this product looks at it. */
export const PackageYaml = z.looseObject({
  name: z.string().nullish(),
  verbatim: Verbatims,
  version: z.coerce.string().nullish(),
  'build-type': z.string().nullish(),
  'custom-setup': z.looseObject({ dependencies: Dependencies }).nullish(),
  library: HpackSection.nullish(),
  'internal-libraries': Components,
  executable: HpackSection.nullish(),
  executables: Components,
  tests: Components,
  benchmarks: Components,
  flags: z.record(z.string(), z.unknown()).nullish(),
  'data-dir': z.string().nullish(),
  'data-files': Strings,
  'extra-source-files': Strings,
  'extra-doc-files': Strings,
  'extra-files': Strings,
  'license-file': Strings,
  'license-files': Strings,
});
export type PackageYaml = z.output<typeof PackageYaml>;

/** The part of a package.yaml that applies to each component. */
export const SharedSection = HpackSection;

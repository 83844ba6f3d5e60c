import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

/** A package of the distribution, as `dpkg-query` lists it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export interface BillOfMaterialsInput {
  readonly image: { readonly name: string; readonly version: string; readonly sha256: string };
  /** `debian 12`, `ubuntu 24.04`. */
  readonly os: string;
  readonly packages: readonly InstalledPackage[];
  /** Compilers that do not come from packages. */
  readonly toolchains: readonly { readonly tool: string; readonly version: string }[];
  readonly builtAt: Date;
}

/** Renders a CycloneDX 1.6 bill of materials in JSON. */
export function renderBillOfMaterials({ image, os, packages, toolchains, builtAt }: BillOfMaterialsInput): string {
  const root = new Models.Component(Enums.ComponentType.OperatingSystem, image.name, {
    version: image.version,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], image.sha256]]),
    bomRef: 'image',
  });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: root, timestamp: builtAt }) });
  const distribution = os.split(' ')[0] ?? 'debian';
  for (const { name, version, architecture } of packages) {
    const purl = `pkg:deb/${distribution}/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    bom.components.add(
      new Models.Component(Enums.ComponentType.Library, name, { version, purl, bomRef: `${name}:${architecture}` }),
    );
  }
  for (const { tool, version } of toolchains)
    bom.components.add(
      new Models.Component(Enums.ComponentType.Application, tool, {
        version,
        purl: `pkg:generic/${tool}@${version}`,
        bomRef: `tool:${tool}@${version}`,
      }),
    );
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}

/** Options of `nx g build-machines:init`; each is described in schema.json. */
export interface InitGeneratorSchema {
  sandbox?: boolean;
  skipFormat?: boolean;
  skipPackageJson?: boolean;
  keepExistingVersions?: boolean;
}

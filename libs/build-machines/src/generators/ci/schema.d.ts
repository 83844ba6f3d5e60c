/** Options of `nx g build-machines:ci`; each is described in schema.json. */
export interface CiGeneratorSchema {
  ci: 'github' | 'gitlab';
  name?: string;
  machine?: string;
  runner?: string;
  mainBranch?: string;
  targets?: string[];
  skipFormat?: boolean;
}

/** Options of `nx g build-machines:haskell-project`; each is described in schema.json. */
export interface HaskellProjectGeneratorSchema {
  name: string;
  directory?: string;
  kind?: 'library' | 'application';
  test?: 'exitcode' | 'hspec' | 'tasty' | 'none';
  module?: string;
  cabalProject?: string;
  skipFormat?: boolean;
}

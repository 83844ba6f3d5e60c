export * from './files/source-files.js';
export * from './package/cabal-package.js';
export { parseCabalFile } from './package/parse-cabal-file.js';
export { parsePackageYaml } from './hpack/parse-package-yaml.js';
export * from './project/haskell-project.js';
export * from './project/package-graph.js';
export { parseCabalProjectFile, type CabalProjectFile } from './project/cabal-project-file.js';
export { findCabalProject } from './project/find-cabal-project.js';
export { readCabalProject, type ReadOptions } from './project/read-cabal-project.js';
export {
  isHpackFile,
  packageFileIn,
  type PackageParser,
  parsePackageFile,
  readPackage,
} from './project/read-package.js';
export { HaskellFileError, type SourcePosition } from './syntax/source-error.js';

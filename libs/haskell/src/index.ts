export * from './files/source-files.js';
export * from './package/cabal-package.js';
export { type DeclaredPaths, declaredPaths, leavesFolder } from './package/declared-paths.js';
export { holdsExecutables } from './files/executables.js';
export { entriesBelow, type FolderEntry, TOOL_FOLDERS } from './files/folder-entries.js';
export { type Link, linksIn, linkTargets } from './files/links.js';
export { parseCabalFile } from './package/parse-cabal-file.js';
export { sketchComponent } from './package/sketch-package.js';
export { parsePackageYaml } from './hpack/parse-package-yaml.js';
export * from './project/haskell-project.js';
export * from './project/package-graph.js';
export { parseCabalProjectFile, type CabalProjectFile, type CompilerSettings } from './project/cabal-project-file.js';
export {
  CompilerContradictedError,
  CompilerUnclearError,
  type LocatedCompilerField,
  requestedGhc,
  requireRequestedCompiler,
} from './project/requested-compiler.js';
export { findCabalProject, type ProjectFinder, projectFinder } from './project/find-cabal-project.js';
export { isAtOrBelow, type Listings, listingsOf, owningProject } from './project/owning-project.js';
export { requireReadable } from './project/unreadable-packages.js';
export { type OutsideSource, outsideScope, outsideSources } from './project/outside-sources.js';
export { brokenDescription, readable, readCabalProject, type ReadOptions } from './project/read-cabal-project.js';
export {
  isHpackFile,
  packageFileIn,
  type PackageParser,
  parsePackageFile,
  readPackage,
} from './project/read-package.js';
export { HaskellFileError, type SourcePosition } from './syntax/source-error.js';
export { type CommandPieces, type CommandRequest, BUILD_DIR } from './commands/cabal-command.js';
export { benchCommand } from './commands/bench-command.js';
export { buildCommand } from './commands/build-command.js';
export { CabalArgumentError, requireUsableArguments } from './commands/cabal-arguments.js';
export { ExecutableChoiceError, UnknownPackageError } from './commands/command-errors.js';
export { haddockCommand } from './commands/haddock-command.js';
export { REPL_BUILD_DIR, replCommand, replComponent, type ReplRequest } from './commands/repl-command.js';
export { type ExecutableRequest, runCommand } from './commands/run-command.js';
export { testCommand, type TestRequest } from './commands/test-command.js';
export { endedBeforeBuilding } from './results/unplanned.js';
export { adviceOnSilentSuites } from './results/silent-suites.js';
export { type FailureText, failureText } from './results/failure-text.js';
export {
  adviceOnOthers,
  type JudgedTask,
  type Spans,
  taskVerdicts,
  type TaskVerdict,
} from './results/task-verdicts.js';

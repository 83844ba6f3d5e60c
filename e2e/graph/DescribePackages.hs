-- | What Cabal itself reads from package descriptions, one line a component: file, package, component, and the names
-- of all packages that any branch of it depends on. The names of files come from standard input.
module Main (main) where

import Data.List (intercalate, nub, sort)
import qualified Data.ByteString as ByteString
import Distribution.PackageDescription.Parsec (parseGenericPackageDescriptionMaybe)
import Distribution.Simple.BuildToolDepends (getAllToolDependencies)
import Distribution.Types.BuildInfo (BuildInfo, targetBuildDepends)
import Distribution.Types.CondTree (CondTree)
import Distribution.Types.Dependency (depPkgName)
import Distribution.Types.ExeDependency (ExeDependency (..))
import Distribution.Types.GenericPackageDescription
import Distribution.Types.PackageDescription (PackageDescription, package)
import Distribution.Types.PackageId (pkgName)
import Distribution.Types.PackageName (unPackageName)
import Distribution.Types.UnqualComponentName (unUnqualComponentName)
import qualified Distribution.Types.BuildInfo.Lens as Lens

main :: IO ()
main = do
  files <- lines <$> getContents
  mapM_ (\file -> ByteString.readFile file >>= putStr . maybe "" (describe file) . parseGenericPackageDescriptionMaybe) files

describe :: FilePath -> GenericPackageDescription -> String
describe file description = unlines (map (intercalate "\t" . (file :) . (name :)) components)
  where
    name = unPackageName (pkgName (package (packageDescription description)))
    own = packageDescription description
    components =
      [["library", name, needs own tree] | Just tree <- [condLibrary description]]
        ++ [["library", unUnqualComponentName c, needs own tree] | (c, tree) <- condSubLibraries description]
        ++ [["foreign-library", unUnqualComponentName c, needs own tree] | (c, tree) <- condForeignLibs description]
        ++ [["executable", unUnqualComponentName c, needs own tree] | (c, tree) <- condExecutables description]
        ++ [["test-suite", unUnqualComponentName c, needs own tree] | (c, tree) <- condTestSuites description]
        ++ [["benchmark", unUnqualComponentName c, needs own tree] | (c, tree) <- condBenchmarks description]

-- | Every branch counts: the fold visits all nodes of the tree.
needs :: Lens.HasBuildInfo a => PackageDescription -> CondTree v c a -> String
needs own = intercalate "," . sort . nub . concatMap (ofBuildInfo own) . foldMap (\a -> [viewBuildInfo a])

viewBuildInfo :: Lens.HasBuildInfo a => a -> BuildInfo
viewBuildInfo = getConst' . Lens.buildInfo Const'

newtype Const' r a = Const' {getConst' :: r}

instance Functor (Const' r) where
  fmap _ (Const' r) = Const' r

ofBuildInfo :: PackageDescription -> BuildInfo -> [String]
ofBuildInfo own info =
  map (unPackageName . depPkgName) (targetBuildDepends info)
    ++ [unPackageName tool | ExeDependency tool _ _ <- getAllToolDependencies own info]

{-# LANGUAGE TemplateHaskellQuotes #-}

-- | Reads a file while a module is compiled, so that the finished program needs no file beside it.
module EmbedText (embedLines) where

import Control.Exception (evaluate)
import Language.Haskell.TH (Exp, Q, runIO)
import Language.Haskell.TH.Syntax (addDependentFile, lift)
import System.IO (IOMode (ReadMode), hGetContents, hSetEncoding, utf8, withFile)

-- | An expression of type @['String']@: the lines of a UTF-8 file, named relative to the package's folder.
--
-- The file becomes a dependency of the module: GHC compiles the module again when the file changes. List it in
-- @extra-source-files@ too, for cabal to notice the change in the first place.
embedLines :: FilePath -> Q Exp
embedLines path = do
  addDependentFile path
  content <- runIO (readUtf8 path)
  lift (lines content)

-- | Whatever the locale says: a build machine often has none.
readUtf8 :: FilePath -> IO String
readUtf8 path = withFile path ReadMode $ \handle -> do
  hSetEncoding handle utf8
  content <- hGetContents handle
  content <$ evaluate (length content)

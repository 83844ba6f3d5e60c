-- | Greets people in large letters, in their language, with a picture of their name.
module Main (main) where

import Banner (banner, font)
import Control.Exception (evaluate)
import qualified Data.ByteString.Builder as Builder
import Data.ByteString.Lazy (toStrict)
import Data.Foldable (for_)
import Greetings (Language, Phrasebook, english, greet, languages, parsePhrasebook)
import Options (Audience (..), Options (..), parseOptions, usage)
import Paths_hello_haskell (getDataFileName)
import Randomart (randomart)
import System.Directory (doesFileExist)
import System.Environment (getArgs)
import System.Exit (ExitCode (ExitFailure), exitWith)
import System.IO (IOMode (ReadMode), hGetContents, hPutStrLn, hSetEncoding, stderr, stdin, stdout, utf8, withFile)

main :: IO ()
main = do
  for_ [stdin, stdout, stderr] (`hSetEncoding` utf8)
  options <- either (\problem -> stop 2 (problem ++ "\n" ++ usage)) pure . parseOptions =<< getArgs
  book <- loadPhrasebook
  names <- case audience options of
    Named [] -> pure ["Haskell"]
    Named names -> pure names
    FromInput -> lines <$> getContents
  for_ names (welcome book (language options))

welcome :: Phrasebook -> Language -> String -> IO ()
welcome book tag name = case greet book tag name of
  Nothing -> stop 3 ("no greeting in " ++ show tag ++ "; there is: " ++ unwords (languages book))
  Just greeting -> do
    letters <- either (stop 1) pure font
    putStr (unlines (banner letters name))
    putStrLn greeting
    putStr (unlines (randomart (toStrict (Builder.toLazyByteString (Builder.stringUtf8 name)))))

-- | The phrasebook of the package's data folder. @cabal run@ and an installed program know where that is; a lone binary
-- that was copied elsewhere speaks English, unless @hello_haskell_datadir@ names the folder.
loadPhrasebook :: IO Phrasebook
loadPhrasebook = do
  path <- getDataFileName "phrasebook.txt"
  found <- doesFileExist path
  if not found
    then pure english
    else withFile path ReadMode $ \handle -> do
      hSetEncoding handle utf8
      content <- hGetContents handle
      _ <- evaluate (length content)
      either (stop 1 . ((path ++ ": ") ++)) pure (parsePhrasebook content)

stop :: Int -> String -> IO a
stop status problem = hPutStrLn stderr ("hello-haskell: " ++ problem) *> exitWith (ExitFailure status)

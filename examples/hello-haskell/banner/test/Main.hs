module Main (main) where

import Banner (banner, font)
import Banner.Font (parseFont)
import Control.Monad (unless)
import System.Exit (exitFailure)
import System.IO (hSetEncoding, stdout, utf8)

main :: IO ()
main = do
  hSetEncoding stdout utf8
  passed <-
    sequence
      [ "two rows of pixels share a line of text"
          `means` (((`banner` "Hi") <$> font) == Right ["█  █ ▀█▀", "█▀▀█  █", "▀  ▀ ▀▀▀"])
      , "what the font does not have becomes a gap"
          `means` (((`banner` "-~-") <$> font) == Right ["", "▀▀▀     ▀▀▀", ""])
      , "no text gives empty lines"
          `means` (((`banner` "") <$> font) == Right ["", "", ""])
      , "a row that is too short is refused, with its line"
          `means` either ((== "line 1:") . take 7) (const False) (parseFont ["I ### .#. .#. .# ###"])
      ]
  unless (and passed) exitFailure

-- | Prints a sentence and whether it holds.
means :: String -> Bool -> IO Bool
means sentence holds = holds <$ putStrLn ((if holds then "ok      " else "FAILED  ") ++ sentence)

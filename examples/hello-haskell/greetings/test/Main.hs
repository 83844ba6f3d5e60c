module Main (main) where

import Control.Monad (unless)
import Greetings (english, greet, languages, parsePhrasebook)
import System.Exit (exitFailure)

main :: IO ()
main = do
  passed <-
    sequence
      [ "a greeting holds the name where the book says"
          `means` ((parsePhrasebook "de  Hallo {}!" >>= maybe (Left "") Right . (\book -> greet book "de" "Ada")) == Right "Hallo Ada!")
      , "comments and empty lines say nothing"
          `means` (fmap languages (parsePhrasebook "# two\n\nfr Salut {}\nen Hi {}\n") == Right ["en", "fr"])
      , "an unknown language is not guessed"
          `means` (greet english "tlh" "Ada" == Nothing)
      , "a line without a place for the name is refused, with its number"
          `means` (parsePhrasebook "en Hi {}\nfr Salut" == Left "line 2: expected a language and a greeting with {}")
      ]
  unless (and passed) exitFailure

-- | Prints a sentence and whether it holds.
means :: String -> Bool -> IO Bool
means sentence holds = holds <$ putStrLn ((if holds then "ok      " else "FAILED  ") ++ sentence)

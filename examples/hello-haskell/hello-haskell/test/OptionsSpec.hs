-- | The command line, from the outside: what people type and what is understood.
module Main (main) where

import Control.Monad (unless)
import Options (Audience (..), Options (..), parseOptions)
import System.Exit (exitFailure)

main :: IO ()
main = do
  results <- mapM check expectations
  unless (and results) exitFailure

expectations :: [([String], Either String Options)]
expectations =
  [ ([], Right (Options "en" (Named []))),
    (["Ada", "Grace"], Right (Options "en" (Named ["Ada", "Grace"]))),
    (["--in", "fi", "Ada"], Right (Options "fi" (Named ["Ada"]))),
    (["-"], Right (Options "en" FromInput)),
    (["--loud"], Left "unexpected --loud")
  ]

check :: ([String], Either String Options) -> IO Bool
check (arguments, expected)
  | actual == expected = True <$ putStrLn ("ok   " ++ unwords arguments)
  | otherwise = False <$ putStrLn ("FAIL " ++ unwords arguments ++ ": " ++ show actual)
  where
    actual = parseOptions arguments

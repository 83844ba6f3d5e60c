{-# LANGUAGE OverloadedStrings #-}

module Main (main) where

import Control.Monad (unless)
import Fnv1a (fnv1a, offsetBasis)
import Randomart (randomart, steps)
import System.Exit (exitFailure)

main :: IO ()
main = do
  passed <-
    sequence
      [ "the C code agrees with the published test vectors"
          `means` (map (fnv1a offsetBasis) ["", "a", "foobar"] == [0xcbf29ce484222325, 0xaf63dc4c8601ec8c, 0x85944171f73967e8])
      , "a hash can be continued"
          `means` (fnv1a (fnv1a offsetBasis "foo") "bar" == fnv1a offsetBasis "foobar")
      , "the bishop takes sixty-four steps"
          `means` (length (steps "Ada") == 64)
      , "every line of a picture has the same width"
          `means` all ((== 19) . length) (randomart "Ada")
      , "one text, one picture"
          `means` (randomart "Ada" == randomart "Ada" && randomart "Ada" /= randomart "Grace")
      ]
  unless (and passed) exitFailure

-- | Prints a sentence and whether it holds.
means :: String -> Bool -> IO Bool
means sentence holds = holds <$ putStrLn ((if holds then "ok      " else "FAILED  ") ++ sentence)

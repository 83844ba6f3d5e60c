-- | What the program was asked to do.
module Options (Options (..), Audience (..), parseOptions, usage) where

import Greetings (Language)

data Options = Options {language :: Language, audience :: Audience}
  deriving (Eq, Show)

data Audience = Named [String] | FromInput
  deriving (Eq, Show)

parseOptions :: [String] -> Either String Options
parseOptions = go (Options {language = "en", audience = Named []})
  where
    go options [] = Right options
    go options ("--in" : tag : rest) = go options {language = tag} rest
    go options ["-"] = Right options {audience = FromInput}
    go _ (flag@('-' : _) : _) = Left ("unexpected " ++ flag)
    go options (name : rest) = go (addName name options) rest

addName :: String -> Options -> Options
addName name options = options {audience = Named (before ++ [name])}
  where
    before = case audience options of
      Named names -> names
      FromInput -> []

usage :: String
usage = "usage: hello-haskell [--in LANGUAGE] [NAME...]   (a single - reads names from standard input)"

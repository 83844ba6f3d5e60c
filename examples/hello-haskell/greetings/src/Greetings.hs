-- | A phrasebook: one greeting per language, with a place for the name.
module Greetings (Language, Phrasebook, english, greet, languages, parsePhrasebook) where

import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map

-- | A language tag such as @fr@.
type Language = String

newtype Phrasebook = Phrasebook (Map Language Greeting)
  deriving (Eq, Show)

-- | What stands before and after the name.
data Greeting = Greeting String String
  deriving (Eq, Show)

-- | The phrasebook of those who lost theirs.
english :: Phrasebook
english = Phrasebook (Map.singleton "en" (Greeting "Hello, " "!"))

languages :: Phrasebook -> [Language]
languages (Phrasebook book) = Map.keys book

-- | Greets somebody; 'Nothing' when the book does not have the language.
greet :: Phrasebook -> Language -> String -> Maybe String
greet (Phrasebook book) language name = do
  Greeting before after <- Map.lookup language book
  pure (before ++ name ++ after)

-- | Reads lines such as @fr  Bonjour, {}!@. Empty lines and lines that start with @#@ say nothing.
parsePhrasebook :: String -> Either String Phrasebook
parsePhrasebook source = Phrasebook . Map.fromList <$> traverse entry numbered
  where
    numbered = [(number, line) | (number, line) <- zip [1 :: Int ..] (lines source), speaks line]
    speaks line = take 1 line `notElem` ["", "#"]
    entry (number, line) =
      maybe (Left ("line " ++ show number ++ ": expected a language and a greeting with {}")) Right (parseEntry line)

parseEntry :: String -> Maybe (Language, Greeting)
parseEntry line = case break (== ' ') line of
  (language@(_ : _), phrase) -> do
    (before, after) <- splitAtName (dropWhile (== ' ') phrase)
    pure (language, Greeting before after)
  _ -> Nothing

splitAtName :: String -> Maybe (String, String)
splitAtName phrase = case break (== '{') phrase of
  (before, '{' : '}' : after) -> Just (before, after)
  _ -> Nothing

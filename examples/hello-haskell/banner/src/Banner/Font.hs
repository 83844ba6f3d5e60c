-- | A pixel font: one line of text per letter, five rows of pixels each.
module Banner.Font (Font, Glyph, glyph, parseFont, rows) where

import Data.Map.Strict (Map)
import qualified Data.Map.Strict as Map

-- | The rows of a letter, from top to bottom; @True@ is a set pixel. All rows are equally long.
type Glyph = [[Bool]]

newtype Font = Font (Map Char Glyph)
  deriving (Eq, Show)

-- | How many rows a letter has.
rows :: Int
rows = 5

-- | A letter of the font; a gap three pixels wide for what the font does not have.
glyph :: Font -> Char -> Glyph
glyph (Font glyphs) letter = Map.findWithDefault (replicate rows [False, False, False]) letter glyphs

-- | Reads lines such as @I ### .#. .#. .#. ###@. The message of a 'Left' names the line.
parseFont :: [String] -> Either String Font
parseFont source = Font . Map.fromList <$> traverse parseLine (zip [1 :: Int ..] source)

parseLine :: (Int, String) -> Either String (Char, Glyph)
parseLine (number, line) = case words line of
  ([letter] : pixels)
    | length pixels == rows, equallyLong pixels, all (all (`elem` "#.")) pixels -> Right (letter, map (map (== '#')) pixels)
  _ -> Left ("line " ++ show number ++ ": expected a letter and " ++ show rows ++ " rows of # and ., got " ++ show line)

equallyLong :: [String] -> Bool
equallyLong [] = True
equallyLong (first : others) = all ((== length first) . length) others

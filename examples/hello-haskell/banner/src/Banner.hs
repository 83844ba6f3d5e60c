{-# LANGUAGE TemplateHaskell #-}

-- | Text in large letters. The font was read when this module was compiled.
module Banner (banner, font) where

import Banner.Font (Font, glyph, parseFont, rows)
import Data.Char (toUpper)
import Data.List (dropWhileEnd, intercalate, transpose)
import EmbedText (embedLines)

-- | The font that comes with this package.
font :: Either String Font
font = parseFont $(embedLines "fonts/pixel.txt")

-- | The lines of a banner, without trailing blanks. Two rows of pixels share one line of text.
banner :: Font -> String -> [String]
banner letters text = map (dropWhileEnd (== ' ')) (paired pixels)
  where
    pixels = map (intercalate [False]) (transposed (map (glyph letters . toUpper) text))
    transposed [] = replicate rows []
    transposed glyphs = transpose glyphs

paired :: [[Bool]] -> [String]
paired (upper : lower : rest) = zipWith halfBlock upper lower : paired rest
paired [upper] = [map (`halfBlock` False) upper]
paired [] = []

halfBlock :: Bool -> Bool -> Char
halfBlock True True = '█'
halfBlock True False = '▀'
halfBlock False True = '▄'
halfBlock False False = ' '

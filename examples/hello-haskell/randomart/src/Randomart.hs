-- | The drunken bishop: he starts in the middle of a board and stumbles diagonally, two bits a step, along the walls
-- where he meets them. What he steps on often gets a darker sign. @ssh-keygen -lv@ draws keys in this way.
module Randomart (randomart, steps) where

import Data.Bits (shiftR, testBit)
import Data.ByteString (ByteString)
import Data.List (foldl', scanl')
import qualified Data.Map.Strict as Map
import Fnv1a (fnv1a, offsetBasis)

type Position = (Int, Int)

width, height :: Int
width = 17
height = 9

-- | A framed picture; the same bytes always give the same one.
randomart :: ByteString -> [String]
randomart bytes = [frame] ++ [['|'] ++ [sign (x, y) | x <- [0 .. width - 1]] ++ ['|'] | y <- [0 .. height - 1]] ++ [frame]
  where
    frame = "+" ++ replicate width '-' ++ "+"
    start = (width `div` 2, height `div` 2)
    path = scanl' walk start (steps bytes)
    end = foldl' (\_ position -> position) start path
    visits = Map.fromListWith (+) [(position, 1) | position <- path]
    sign position
      | position == start = 'S'
      | position == end = 'E'
      | otherwise = shade (Map.findWithDefault 0 position visits)

-- | Sixty-four steps; each says whether to go right and whether to go down.
steps :: ByteString -> [(Bool, Bool)]
steps bytes = concatMap ofWord [once, fnv1a once bytes]
  where
    once = fnv1a offsetBasis bytes
    ofWord word = [(testBit pair 0, testBit pair 1) | i <- [0 .. 31], let pair = word `shiftR` (2 * i)]

walk :: Position -> (Bool, Bool) -> Position
walk (x, y) (right, down) = (within width (x + step right), within height (y + step down))
  where
    step forwards = if forwards then 1 else -1
    within size = max 0 . min (size - 1)

shade :: Int -> Char
shade count = case drop count " .o+=*BOX@%&#/^" of
  sign : _ -> sign
  [] -> '^'

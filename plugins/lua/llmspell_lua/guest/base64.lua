-- Base64, for bytes on the wire.
local core = ...
local byte, char, gsub, sub, concat = string.byte, string.char, string.gsub, string.sub, table.concat
local floor = math.floor
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local symbols, numbers = {}, {}
for i = 1, 64 do
  symbols[i - 1] = sub(ALPHABET, i, i)
  numbers[byte(ALPHABET, i)] = i - 1
end

local function encode(data)
  local made, n = {}, 0
  for i = 1, #data, 3 do
    local a, b, c = byte(data, i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    n = n + 1
    made[n] = symbols[floor(bits / 262144)]
      .. symbols[floor(bits / 4096) % 64]
      .. (b and symbols[floor(bits / 64) % 64] or "=")
      .. (c and symbols[bits % 64] or "=")
  end
  return concat(made)
end

local function decode(text)
  local made, n = {}, 0
  text = gsub(text, "=+$", "")
  for i = 1, #text, 4 do
    local a, b, c, d = byte(text, i, i + 3)
    local bits = numbers[a] * 262144 + numbers[b] * 4096 + (c and numbers[c] or 0) * 64 + (d and numbers[d] or 0)
    n = n + 1
    made[n] = char(floor(bits / 65536), floor(bits / 256) % 256, bits % 256)
    if not d then
      made[n] = sub(made[n], 1, c and 2 or 1)
    end
  end
  return concat(made)
end

return { encode = encode, decode = decode }

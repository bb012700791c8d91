-- The `package` of a spell: what was required, and what is to be.
local core = ...
local _ = core.modules -- which keeps them

return {
  config = "/\n;\n?\n!\n-\n",
  path = "./?.lua;./?/init.lua;./lib/?.lua;./lib/?/init.lua",
  cpath = "",
  loaded = core.packages.loaded,
  preload = core.packages.preload,
  searchpath = core.packages.find,
}

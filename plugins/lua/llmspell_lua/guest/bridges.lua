-- What the host offers to the spell beside its bridges' answers: bridges, print, sleep.
local core = ...
local type, find, rawequal, rawset, next, setmetatable, select =
  type, string.find, rawequal, rawset, next, setmetatable, select
local concat, call = table.concat, core.call

-- Modules of the guest whose names a bridge may share: their functions stay, the bridge's are added.
local MODULES = { promise = "promise", json = "json", time = "time", debug = "debug", spell = "spell" }
for _, name in next, { "channel", "core", "data", "errors", "testing" } do
  MODULES[name] = "library/" .. name
end

function core.is_name(name)
  return type(name) == "string" and find(name, "^%a[%w_]*$") ~= nil
end

-- Returns the methods of a bridge: a table in which each appears when it is first asked for.
local function methods_of(proxy, name)
  local target, own = '"' .. name .. '"', MODULES[name] and core[MODULES[name]]
  return setmetatable({}, {
    __index = function(methods, key)
      local found = own and own[key]
      if found ~= nil or not core.is_name(key) then
        return found
      end
      local method = '"' .. key .. '"'
      local function ask(self, ...)
        if rawequal(self, proxy) then
          return call(target, method, ...)
        end
        return call(target, method, self, ...)
      end
      rawset(methods, key, ask)
      return ask
    end,
  })
end

function core.bind(names)
  core.bound = {}
  for _, name in next, names do
    -- What the language has by that name stays, but for modules that take a bridge's methods in.
    if MODULES[name] or core.globals[name] == nil then
      core.bound[name] = true
      core.provide(name, methods_of)
    end
  end
end

function core.print_text(text, level)
  core.request('["tell","host","print",[' .. core.text.text_of(text) .. ',"' .. (level or "info") .. '"]]')
end

function core.globals.print(...)
  local texts = { ... }
  for i = 1, select("#", ...) do
    texts[i] = core.tostring(texts[i])
  end
  core.print_text(concat(texts, "\t") .. "\n")
end

function core.globals.sleep(seconds)
  call('"host"', '"sleep"', seconds)
end

-- The module `core`: small things that most spells need.
local core = ...
local shapes, calling = core["library/shapes"], core["library/calling"]
local next = next

local module = {
  string = core.provided.string,
  table = core.provided.table,
  is_array = shapes.is_list,
  is_object = shapes.is_map,
  debounce = calling.debounce,
  throttle = calling.throttle,
  memoize = calling.memoize,
}

function module.is_callable(value)
  return core.settling.callable(value) or false
end

-- What extends `string` and `table` is here, too, under its name alone.
for _, part in next, { "library/strings", "library/tables" } do
  for name, f in next, core[part] do
    module[name] = f
  end
end

return module

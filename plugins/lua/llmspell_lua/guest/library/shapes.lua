-- What a value is to the spell writer's library, and the refusal of what it cannot take.
local core = ...
local type, next, metaof, rawget, rawequal = type, next, debug.getmetatable, rawget, rawequal
local shapes = { DEPTH = 100 }

-- Tells tables of the spell's own from what stands for something else: bridges, handles, promises, errors, null.
function shapes.is_plain(value)
  return type(value) == "table" and not core.locked[value] and not core.special[metaof(value)]
end

function shapes.is_nothing(value)
  return value == nil or rawequal(value, core.NULL)
end

-- An empty table is a list when it is marked as one, but may be taken for one.
function shapes.is_list(value)
  return shapes.is_plain(value) and (metaof(value) == core.LIST or rawget(value, 1) ~= nil)
end

function shapes.is_map(value)
  return shapes.is_plain(value) and not shapes.is_list(value)
end

function shapes.may_be_list(value)
  return shapes.is_list(value) or (shapes.is_plain(value) and #value == 0 and next(value) == nil)
end

function shapes.name_of(value)
  if shapes.is_nothing(value) then
    return "nothing"
  elseif shapes.is_plain(value) then
    return shapes.is_list(value) and "a list" or "a map"
  end
  if core.settling.records[value] then
    return "a promise; await it first"
  elseif core.contents[value] then
    return "bytes"
  elseif type(value) ~= "table" then
    return "a " .. type(value)
  end
  local meta = metaof(value)
  return meta == core.errors.ERROR and "an error" or meta.__name and "a " .. meta.__name or "a bridge or handle"
end

function shapes.refuse(message)
  core.errors.raise("argument", message)
end

function shapes.expect(holds, name, wanted, value)
  if not holds then
    shapes.refuse(name .. " takes " .. wanted .. ", not " .. shapes.name_of(value))
  end
  return value
end

function shapes.expect_text(value, name)
  return shapes.expect(type(value) == "string", name, "a string", value)
end

function shapes.expect_list(value, name)
  return shapes.expect(shapes.may_be_list(value), name, "a list", value)
end

function shapes.expect_function(value, name)
  return shapes.expect(core.settling.callable(value), name, "a function", value)
end

function shapes.expect_number(value, name, least)
  if type(value) ~= "number" or not (value >= least) then
    local got = type(value) == "number" and core.text.number_name(value) or shapes.name_of(value)
    shapes.refuse(name .. " takes a number of " .. least .. " or more, not " .. got)
  end
  return value
end

function shapes.expect_whole(value, name, least)
  if shapes.expect_number(value, name, least) % 1 ~= 0 then
    shapes.refuse(name .. " takes a whole number, not " .. core.text.number_name(value))
  end
  return value
end

function shapes.refuse_depth(name)
  core.errors.raise("conversion", name .. ": nested deeper than " .. shapes.DEPTH .. " levels, or a cycle")
end

function shapes.or_null(value)
  if value == nil then
    return core.NULL
  end
  return value
end

return shapes

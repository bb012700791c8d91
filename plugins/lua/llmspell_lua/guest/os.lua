-- The `os` of a spell: time of the event clock, in UTC, which stands still during a step.
local core = ...
local floor, type, error, tonumber = math.floor, type, error, tonumber
local date = os.date

-- Days from 1970-01-01 to a day of the proleptic Gregorian calendar; months may lie outside 1..12.
local function days_to(year, month, day)
  year = year + floor((month - 1) / 12)
  month = (month - 1) % 12 + 1
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  return 365 * year + floor(year / 4) - floor(year / 100) + floor(year / 400) + floor((153 * month - 457) / 5) + day - 719469
end

local function field(t, name, default)
  local value = tonumber(t[name] or default)
  if not value then
    error("field '" .. name .. "' missing in date table", 3)
  end
  return floor(value)
end

local function time(t)
  if t == nil then
    return floor(core.now)
  elseif type(t) ~= "table" then
    error("os.time takes a table, not a " .. type(t), 2)
  end
  local days = days_to(field(t, "year"), field(t, "month"), field(t, "day"))
  return days * 86400 + field(t, "hour", 12) * 3600 + field(t, "min", 0) * 60 + field(t, "sec", 0)
end

return {
  time = time,
  date = function(format, at)
    format = format or "%c"
    if string.sub(format, 1, 1) ~= "!" then
      format = "!" .. format
    end
    return date(format, floor(at or core.now))
  end,
  clock = function()
    return core.now - core.began
  end,
  difftime = function(a, b)
    return a - (b or 0) + 0.0
  end,
}

local function caught(p)
  local _, problem = pcall(promise.await, p)
  return list {"caught", problem}
end
local ways = {
  reject = function() return caught(promise.reject(null)) end,
  settled = function()
    local first = promise.all_settled({promise.reject(null)}):await()[1]
    return list {first.status, first.reason}
  end,
  new = function() return caught(promise.new(function(_, reject) reject(null) end)) end,
  lost = function() promise.reject(null) sleep(0) end,
  dropped = function() promise.new(function(_, reject) reject("lost") end) sleep(0) end,
  token = function()
    local token = promise.token()
    token:cancel(false)
    local problem = caught(token:run(function() end))[2]
    return list {problem.kind, problem.data}
  end,
}
return ways

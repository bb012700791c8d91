local P, way = promise.resolve, {}
local function steps(see, ...)
  local p = P()
  for _, x in ipairs({...}) do p = p:and_then(see(x)) end
end
function way.handlers(see) P():and_then(see("a")) P():and_then(see("b")) see("main")() end
function way.chains(see) steps(see, "a1", "a2") steps(see, "b1", "b2") end
function way.nested(see)
  P():and_then(function() see("h")() return P() end):and_then(see("after"))
  steps(see, "a", "b", "c", "d")
end
function way.adopted(see)
  promise.new(function(resolve) resolve(P()) end):and_then(see("after"))
  steps(see, "a", "b", "c")
end
function way.all(see) promise.all({P(), P()}):and_then(see("all")) steps(see, "a", "b", "c") end
function way.settled(see) promise.all_settled({P()}):and_then(see("settled")) steps(see, "a", "b", "c") end
function way.race(see) promise.race({P(), P()}):and_then(see("race")) steps(see, "a", "b") end
function way.any(see) promise.any({P()}):and_then(see("any")) steps(see, "a", "b") end
function way.last(see) P():on_finally(see("finally")):and_then(see("after")) steps(see, "a", "b", "c", "d") end
function way.passing(see)
  promise.reject("x"):and_then(see("no")):and_then(see("no")):on_error(see("caught"))
  steps(see, "a", "b", "c")
end
function way.followed(see)
  local own = { and_then = function(_, resolve) see("follows")() resolve() end }
  P(own):and_then(see("after"))
  steps(see, "a")
  see("main")()
end
function way.await(see) steps(see, "a", "b") P():await() see("awaited")() end
function way.await_value(see) steps(see, "a", "b") promise.await(5) see("awaited")() end
function way.executor(see) promise.new(function(resolve) see("executor")() resolve() end):and_then(see("a")) see("main")() end
function way.several(see) local p = P() p:and_then(see("a")) p:and_then(see("b")) p:and_then(see("c")) end
function way.later(see)
  local p = P()
  p:and_then(function() see("a")() p:and_then(see("late")) end):and_then(see("b"))
end
return way

local all = list {}
for i, reason in ipairs(params.reasons) do all[i] = promise.reject(reason) end
if params.uncaught then promise.await(promise.any(all)) end
local _, problem = pcall(promise.await, promise.any(all))
return list {problem.kind, problem.message, problem.data}

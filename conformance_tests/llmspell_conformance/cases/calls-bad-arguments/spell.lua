local n, s, flag = params.n, params.s, params.flag
local got = probe.typed(n, s, flag)
return got

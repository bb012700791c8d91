const { n, s, flag } = params
const got = await probe.typed(n, s, flag)
return got

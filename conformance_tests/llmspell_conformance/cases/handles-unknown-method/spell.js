const counter = await probe.counter(0)
const got = await counter[params.method]()
return got

// expect: limit | group: callbacks | holds: callbacks that call the host that calls them back end at a limit
const f = () => probe.call(f);
return await f()

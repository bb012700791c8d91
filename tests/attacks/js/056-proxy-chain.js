// expect: limit | group: stack | holds: a chain of 100000 proxies ends the run at its limit
var p = {}; for (var i = 0; i < 100000; i++) p = new Proxy(p, {}); try { p.x } catch (e) {} try { Object.keys(p) } catch (e) {} return "ok"

// expect: denied | group: tamper | holds: a module changed by one run is fresh in the next
// next: return require("./util").twice(2) === 4
const u = require("./util");
u.twice = () => "HIJACK";
try { require.cache = {} } catch {}
return "ok"

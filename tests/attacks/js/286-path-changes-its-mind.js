// expect: denied | group: policy | holds: what was checked is what is opened: an object that answers by turns is no path
let n = 0;
const two = { toString: () => (n++ ? params.secret : params.open + "/note"), toJSON: () => (n++ ? params.secret : params.open + "/note") };
let got;
try { got = await fs.read(two) } catch { return "ok" }
return got === "granted" ? "ok" : "ESCAPE"

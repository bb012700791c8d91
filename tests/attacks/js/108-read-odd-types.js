// expect: denied | group: modules | holds: odd path types do not reach the file system
var r = "ok"; for (var p of [null, 1, {}, [], ["/etc/passwd"], { toString() { return "/etc/passwd" } }]) try { (await probe.read(p)); r = "ESCAPE" } catch (e) {} return r

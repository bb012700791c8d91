// expect: denied | group: reentry | holds: absurd argument counts are refused
var r = "ok"; try { (await probe.echo(...new Array(60000).fill(1))) } catch (e) {} return r

// expect: limit | group: wall | holds: an interval that nobody clears does not keep the run beyond its time
setInterval(() => {}, 1);
return "ok"

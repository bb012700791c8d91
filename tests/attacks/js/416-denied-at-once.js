// expect: denied | group: policy | holds: a thousand denied calls at once are all denied
const all = await Promise.allSettled(Array.from({ length: 1000 }, () => fs.read(params.secret)));
return all.some(x => x.status === "fulfilled") ? "ESCAPE" : "ok"

const act = how => { if (how === "no") throw errors.create("m", { kind: "odd" }); return how }
const guarded = errors.circuitBreaker(act, { threshold: params.threshold ?? 2, reset: 0.01 }), seen = []
for (const how of params.plan) {
  if (how === "wait") await sleep(0.02)
  else try { seen.push(await guarded(how)) } catch (error) { seen.push(error.kind) }
}
return seen

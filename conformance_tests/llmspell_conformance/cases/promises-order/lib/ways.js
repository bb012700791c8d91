const P = x => Promise.resolve(x), way = {}
function steps(see, ...names) {
  let p = P()
  for (const x of names) p = p.then(see(x))
}
way.handlers = see => { P().then(see("a")); P().then(see("b")); see("main")() }
way.chains = see => { steps(see, "a1", "a2"); steps(see, "b1", "b2") }
way.nested = see => {
  P().then(() => { see("h")(); return P() }).then(see("after"))
  steps(see, "a", "b", "c", "d")
}
way.adopted = see => {
  new Promise(resolve => resolve(P())).then(see("after"))
  steps(see, "a", "b", "c")
}
way.all = see => { promise.all([P(), P()]).then(see("all")); steps(see, "a", "b", "c") }
way.settled = see => { promise.allSettled([P()]).then(see("settled")); steps(see, "a", "b", "c") }
way.race = see => { promise.race([P(), P()]).then(see("race")); steps(see, "a", "b") }
way.any = see => { promise.any([P()]).then(see("any")); steps(see, "a", "b") }
way.last = see => { P().finally(see("finally")).then(see("after")); steps(see, "a", "b", "c", "d") }
way.passing = see => {
  Promise.reject("x").then(see("no")).then(see("no")).catch(see("caught"))
  steps(see, "a", "b", "c")
}
way.followed = see => {
  const own = { then(resolve) { see("follows")(); resolve() } }
  P(own).then(see("after"))
  steps(see, "a")
  see("main")()
}
way.await = async see => { steps(see, "a", "b"); await P(); see("awaited")() }
way.await_value = async see => { steps(see, "a", "b"); await 5; see("awaited")() }
way.executor = see => { new Promise(resolve => { see("executor")(); resolve() }).then(see("a")); see("main")() }
way.several = see => { const p = P(); p.then(see("a")); p.then(see("b")); p.then(see("c")) }
way.later = see => {
  const p = P()
  p.then(() => { see("a")(); p.then(see("late")) }).then(see("b"))
}
module.exports = way

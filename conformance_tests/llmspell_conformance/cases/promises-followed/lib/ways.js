const P = x => Promise.resolve(x), way = {}
const own = f => ({ then: f }), one = own(resolve => resolve(1))
way.resolves = () => P(one)
way.rejects = () => P(own((_, reject) => reject(2)))
way.twice = () => P(own((resolve, reject) => { resolve(1); resolve(8); reject(9) }))
way.raises_late = () => P(own(resolve => { resolve(1); throw 9 }))
way.raises = () => P(own(() => { throw 3 }))
way.again = () => P(own(resolve => resolve(one)))
way.unreadable = () => P({ get then() { throw 4 } })
way.no_function = () => P(own(7))
way.returned = () => P().then(() => one)
way.bridge = () => P(own(async resolve => resolve(await probe.echo(5))))
way.task = () => promise.spawn(() => one)
module.exports = way

const one = () => {}
const two = () => {}
return [await probe.same(one, one), await probe.same(one, two), await probe.same([one], [one])]

const [one, two, three] = params.values
const builder = probe.builder(params.most)
  .add(one)
  .add(two)
if (params.slip)
  await builder.ad(three)
return builder.add(three).build()

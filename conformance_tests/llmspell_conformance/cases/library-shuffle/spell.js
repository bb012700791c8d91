const items = Array.from({ length: params.count }, (_, i) => i + 1), mixed = core.shuffle(items)
return params.sorted ? data.sortBy(mixed, x => x) : mixed

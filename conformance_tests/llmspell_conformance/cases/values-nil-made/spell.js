return { list: Array(params.count).fill(null), map: { a: null } }

return Array.from({ length: params.count }, () => Math.random())

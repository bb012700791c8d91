return Array.from({ length: params.count }, (_, i) => (i + 1) ** 2)

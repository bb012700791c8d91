// expect: denied | group: memory | holds: a BigInt beyond the memory is refused
return String(1n << (1n << 40n)).length

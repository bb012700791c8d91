// expect: denied | group: memory | holds: padding and repeating beyond the memory is refused
for (const f of [() => "x".padStart(2 ** 30), () => "x".repeat(2 ** 30 - 1), () => "ab".replaceAll("", "x".repeat(1e8)), () => Array(1e8).join("xxxxxxxxxx")]) f()
return "ESCAPE"

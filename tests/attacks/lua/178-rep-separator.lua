-- expect: denied | group: memory | holds: string.rep with a long separator is refused before it is made
return #string.rep("a", 100000000, string.rep("b", 100))

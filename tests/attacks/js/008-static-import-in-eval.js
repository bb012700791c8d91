// expect: denied | group: escape | holds: an import declaration in a script is a syntax error
try { eval("import x from '/etc/passwd'"); return "ESCAPE" } catch (e) { return "ok" }

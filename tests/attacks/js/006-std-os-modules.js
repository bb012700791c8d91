// expect: denied | group: escape | holds: no std, os, bjson or file module can be imported
try { return typeof std === "undefined" && typeof os === "undefined" && typeof bjson === "undefined" && typeof scriptArgs === "undefined" ? "ok" : "ESCAPE quickjs libc" } catch (e) { return "ok" }

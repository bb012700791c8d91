// expect: denied | group: tamper | holds: changing the parameters changes no right
params.open = params.folder;
try { globalThis.params = { open: params.folder } } catch {}
try { return "ESCAPE " + await fs.read(params.open + "/secret") } catch { return "ok" }

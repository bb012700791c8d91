// expect: denied | group: escape | holds: stacks show no path of the host and no file of the guest
let text = new Error("x").stack;
try { await probe.fail() } catch (e) { text += e.stack + e.traceback }
return /\/home|site-packages|llmspell_js|\/usr|sandbox\.js/.test(text) ? "ESCAPE " + text : "ok"

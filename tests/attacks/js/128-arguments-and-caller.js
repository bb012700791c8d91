// expect: denied | group: escape | holds: no function shows who called it
function f() { try { return f.caller || f.arguments || arguments.callee.caller } catch { return undefined } }
return f() || (() => { try { return print.caller || probe.echo.caller } catch { return undefined } })() ? "ESCAPE" : "ok"

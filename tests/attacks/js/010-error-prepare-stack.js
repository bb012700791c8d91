// expect: denied | group: escape | holds: Error.prepareStackTrace or captureStackTrace gives no frame objects of the host
var r = "ok"; try { Error.prepareStackTrace = (e, s) => s; var s = new Error("x").stack; if (s && typeof s === "object" && s[0] && s[0].getThis && s[0].getThis() && s[0].getThis() !== globalThis) r = "ESCAPE frame" } catch (e) {} return r

// expect: denied | group: escape | holds: import.meta tells no path of the host
const made = () => { try { return eval("import.meta") } catch { return undefined } };
return made() ? "ESCAPE" : "ok"

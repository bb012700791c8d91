// expect: denied | group: escape | holds: every way to the Function constructor ends in this realm, where nothing is to be had
const roots = [function () {}, () => {}, async () => {}, function* () {}, async function* () {}, class {}, print, probe.echo, Promise.resolve, [].map];
for (const f of roots) for (const make of [f.constructor, Object.getPrototypeOf(f).constructor]) {
  let got;
  try { got = make("return typeof process + typeof require + typeof std + typeof os + typeof enter + typeof outbox")() } catch { continue }
  if (typeof got === "string" && got !== "undefined".repeat(6)) return "ESCAPE " + got;
}
return "ok"

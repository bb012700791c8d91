// expect: denied | group: policy | holds: patterns find nothing outside what was granted
for (const p of [params.folder + "/*", params.open + "/../*", "/etc/*", params.open + "/**", params.open + "/**/secret", params.open + "/up/*", params.open + "/*/*"]) {
  let names = [];
  try { names = await fs.glob(p) } catch {}
  if (names.some(n => n.includes("secret"))) return "ESCAPE " + p;
}
return "ok"

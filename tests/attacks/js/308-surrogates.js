// expect: denied | group: border | holds: lone surrogates do not cross, as text or key
for (const v of ["\ud800", "a\udfffb", { ["\ud800"]: 1 }, ["\udc00\ud800"]]) try { await probe.echo(v); return "ESCAPE" } catch {}
return await probe.echo("\u{1f600}\0x") === "\u{1f600}\0x" ? "ok" : "ESCAPE"

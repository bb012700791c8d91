// expect: harmless | group: stack | holds: deep JSON text is refused, not a native overflow
try { JSON.parse("[".repeat(1000000)) } catch (e) {} return "ok"

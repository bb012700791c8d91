// expect: denied | group: tamper | holds: replacing host functions affects at most the own run
// next: await probe.echo(5) === 5
try { probe.echo = () => "HIJACK" } catch (e) {} try { globalThis.probe = null } catch (e) {} try { Object.defineProperty(probe, "echo", { value: () => "H" }) } catch (e) {} return "ok"

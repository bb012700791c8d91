// expect: limit | group: memory | holds: host calls with almost no memory left do not crash or hang the host | inline: sometimes not: without memory the VM cannot make the error that would interrupt it
var k = []; for (;;) { try { for (;;) k.push("x".repeat(20000) + k.length) } catch (e) {} try { (await probe.items()) } catch (e) {} try { (await probe.big(100000)) } catch (e) {} }

// expect: limit | group: swallow | holds: catching inside native callbacks does not swallow the limit
for (;;) try { [1].forEach(() => { for (;;); }) } catch {}

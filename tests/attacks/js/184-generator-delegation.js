// expect: limit | group: swallow | holds: generators that delegate to each other for ever are stopped
function* g() { for (;;) try { yield* h() } catch {} finally { yield 1 } } function* h() { for (;;) yield 1 }
for (const x of g());

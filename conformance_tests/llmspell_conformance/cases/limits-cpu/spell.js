function forever() { for (;;) {} }
if (!params.catch) forever()
for (;;) { try { forever() } catch {} finally { forever() } }

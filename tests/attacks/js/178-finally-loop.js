// expect: limit | group: swallow | holds: finally that loops cannot outlive the limit
try { for (;;); } finally { for (;;); }

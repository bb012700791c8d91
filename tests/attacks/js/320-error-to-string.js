// expect: denied | group: swallow | holds: an error whose toString never returns does not hang the host
throw { toString() { for (;;); }, [Symbol.toPrimitive]() { for (;;); } }

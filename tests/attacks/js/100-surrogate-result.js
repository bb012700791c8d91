// expect: denied | group: conversion | holds: a lone surrogate as result, key or error message gives a clean error
try { throw new Error("\ud800") } catch (e) {} return ({ ["\ud800"]: "\udfff" })

// expect: denied | group: conversion | holds: accessors are refused or read once
var n = 0; try { (await probe.echo({ get x() { n++; return n } })) } catch (e) {} return n <= 1 ? "ok" : "ESCAPE getter read twice"

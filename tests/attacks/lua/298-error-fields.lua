-- expect: denied | group: border | holds: an error with fields of wrong kinds ends the run with an error
error({ message = "x", kind = {}, file = 5, line = "x", traceback = print, data = coroutine.running(), cause = probe })

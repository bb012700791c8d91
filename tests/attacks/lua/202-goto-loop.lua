-- expect: limit | group: cpu | holds: a goto that leads to itself is stopped
::again:: goto again

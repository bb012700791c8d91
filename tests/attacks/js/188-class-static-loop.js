// expect: limit | group: cpu | holds: a static block that never ends is stopped
class A { static { for (;;); } }

// expect: denied | group: stack | holds: a class whose field makes another of it ends at the stack
class A { x = new A() }
new A()
return "ESCAPE"

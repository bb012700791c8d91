(print "begun")
(when params.x
  (print "inside")

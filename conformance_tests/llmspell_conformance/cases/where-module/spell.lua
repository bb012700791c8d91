local fire = require("fire")
return fire.explode()

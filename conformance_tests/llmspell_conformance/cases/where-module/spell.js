const fire = require("fire")
return fire.explode()

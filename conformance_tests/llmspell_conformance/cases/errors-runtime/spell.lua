local nothing = params.nothing
local fine = 1
return nothing.field.deeper

local seen = left_behind ~= nil
left_behind = params.x
return { seen, left_behind }

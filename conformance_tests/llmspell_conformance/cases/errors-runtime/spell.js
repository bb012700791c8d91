const { nothing } = params
const fine = 1
return nothing.field.deeper

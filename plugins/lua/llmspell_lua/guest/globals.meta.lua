---The parameters of the run.
---@type table<string, any>
params = {}

---What stands for nil inside lists and maps; equal to itself only.
---@type userdata
null = nil

---An error of a call, or one that the spell raised with `error`; the methods of texts look into its message.
---@class spell_error: stringlib
---@field kind string What sort of error it is; `runtime` unless it says otherwise.
---@field message string
---@field data? any
---@field cause? spell_error
---@field file? string The spell's file that it comes from.
---@field line? integer
---@field traceback? string

---Bytes, kept apart from text: `#b` is their length, `tostring(b)` the raw string.
---@class bytes
---@operator len: integer

---Make bytes of a string.
---@param text string|bytes
---@return bytes
function bytes(text) end

---Mark a table as a list, so that it stays one when it is empty.
---@generic T
---@param items? T[]
---@return T[]
function list(items) end

---Wait for that many seconds.
---@param seconds number
function sleep(seconds) end

---@class io
io = {}

---Write strings and numbers as they are, with no line break.
---@param ... string|number
---@return io
function io.write(...) end

---Do nothing: what is written is told at once.
---@return io
function io.flush() end

---Return `file` for a stream, nil for anything else.
---@param value any
---@return string?
function io.type(value) end

---What is written to: there is nothing to read, and nothing to close.
---@class io.stream
io.stdout = {}

---Write strings and numbers as they are.
---@param ... string|number
---@return io.stream
function io.stdout:write(...) end

---Do nothing: what is written is told at once.
---@return io.stream
function io.stdout:flush() end

---Do nothing.
---@return true
function io.stdout:setvbuf(...) end

---As `io.stdout`; what is written is told as an error is.
---@type io.stream
io.stderr = io.stdout

---What was required, and how to make what has no file.
---@class package
---@field loaded table<string, any> What was required, by name; what is taken out is loaded anew.
---@field preload table<string, fun(name: string): any> What makes a module that has no file, by name.
---@field config string
---@field path string Where `require` looks.
---@field cpath string
package = {}

---Return the file of a module, or nil and why there is none.
---@param name string
---@return string?
---@return string?
function package.searchpath(name) end

---@class json
json = {}

---Write a value as JSON text, keys sorted.
---@param value any
---@param options? {pretty?: boolean}
---@return string
function json.encode(value, options) end

---Read JSON text.
---@param text string
---@return any
function json.decode(text) end

---@class time
time = {}

---Return Unix seconds by the run's clock.
---@return number
function time.now() end

---@class promise
local instance = {}

---Call a function with the value, or another with the error, when the promise is settled.
---@param on_value? fun(value: any): any
---@param on_error? fun(reason: any): any
---@return promise
function instance:and_then(on_value, on_error) end

---Call a function with the error when the promise is rejected.
---@param f fun(reason: any): any
---@return promise
function instance:on_error(f) end

---Call a function when the promise is settled either way.
---@param f fun()
---@return promise
function instance:on_finally(f) end

---Wait for the value, or raise the error; `timeout` if it takes too long.
---@param seconds? number
---@return any
function instance:await(seconds) end

---@class promise_module
promise = {}

---Make a promise that `executor` settles.
---@param executor fun(resolve: fun(value?: any), reject: fun(reason: any))
---@return promise
function promise.new(executor) end

---Run a function as a task of its own.
---@param f fun(...): any
---@param ... any
---@return promise
function promise.spawn(f, ...) end

---Return a function that runs `f` as a task of its own.
---@param f fun(...): any
---@return fun(...): promise
function promise.async(f) end

---Wait for the value of a promise, or raise its error; `timeout` if it takes too long.
---@param value any
---@param seconds? number
---@return any
function promise.await(value, seconds) end

---@param value any
---@return promise
function promise.resolve(value) end

---@param reason any
---@return promise
function promise.reject(reason) end

---Promise the list of all values; rejected by the first error.
---@param items any[]
---@return promise
function promise.all(items) end

---Promise a list of `{status, value | reason}`.
---@param items any[]
---@return promise
function promise.all_settled(items) end

---Promise what settles first.
---@param items any[]
---@return promise
function promise.race(items) end

---Promise the first value; rejected when all are.
---@param items any[]
---@return promise
function promise.any(items) end

---Promise the list of `f(item, index)`, at most `max_concurrent` running at once.
---@param items any[]
---@param f fun(item: any, index: integer): any
---@param options? {max_concurrent?: integer}
---@return promise
function promise.map(items, f, options) end

---Promise the same, rejected with `timeout` if it takes too long.
---@param value any
---@param seconds number
---@return promise
function promise.timeout(value, seconds) end

---Make a cancellation token, which stops the tasks and calls that it watches.
---@return Token
function promise.token() end

---@param text string
---@param values table
---@return string
function string.template(text, values) end

---@param text string
---@param dash? string
---@return string
function string.slugify(text, dash) end

---@param text string
---@param size integer
---@param mark? string
---@return string
function string.truncate(text, size, mark) end

---@param text string
---@param separator? string
---@param limit? integer
---@return string[]
function string.split(text, separator, limit) end

---@param text string
---@return string
function string.trim(text) end

---@param text string
---@return string
function string.capitalize(text) end

---@param text string
---@return string
function string.camelcase(text) end

---@param text string
---@return string
function string.snakecase(text) end

---@param text string
---@param start string
---@return boolean
function string.starts_with(text, start) end

---@param text string
---@param ending string
---@return boolean
function string.ends_with(text, ending) end

---@param t table
---@return any[]
function table.keys(t) end

---@param t table
---@return any[]
function table.values(t) end

---@param ... table
---@return table
function table.merge(...) end

---@param value any
---@return any
function table.deep_copy(value) end

---@param t any[]
---@param from? integer
---@param to? integer
---@return any[]
function table.slice(t, from, to) end

---@param t any[]
---@return any[]
function table.reverse(t) end

---@param t any[]
---@return any[]
function table.shuffle(t) end

---@param t table
---@param value any
---@return boolean
function table.contains(t, value) end

---@param value any
---@return boolean
function table.is_empty(value) end

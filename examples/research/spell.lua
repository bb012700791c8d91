-- ---
-- description: Have an agent read the pages of a website, and answer with the pages it read.
-- permissions: ["net:127.0.0.1:8000"]
-- parameters:
--   question: {type: string, description: what to find out, default: "How did the light of Skerra come back?"}
--   site: {type: string, description: the website to read, default: "http://127.0.0.1:8000"}
-- ---

local read = {}

local read_page = {
  name = "read_page",
  description = "Read a page of the website, by its path, as /index.html",
  schema = {required = {"path"}, properties = {path = {type = "string", pattern = "^/"}}},
  fn = function(args)
    local page = http.get(params.site .. args.path)
    if not page.ok then
      error("there is no page " .. args.path)
    end
    table.insert(read, args.path)
    return page.text
  end,
}

local researcher = agent.research{
  topic = "what one website says",
  sources = 2,
  tools = {read_page},
  limits = {turns = 12, requests = 12},
}

local answer = researcher:run(params.question .. " Begin with /index.html.")
print(answer.text)
return read

-- Opens a project as a person would, breaks it, mends it, and asks what editors ask.
-- Ends Neovim with 0 when everything was seen, else with 1 and what was missing.

local function finish(code)
  vim.cmd(code == 0 and "qall!" or "cquit 1")
end

local function check(condition, what)
  io.stdout:write((condition and "ok    " or "FAILED ") .. what .. "\n")
  if not condition then finish(1) end
end

local function wait(what, condition)
  check(vim.wait(30000, condition, 50), what)
end

local root = os.getenv("PROJECT")
vim.cmd("edit " .. root .. "/policies/support.grant")
local client = vim.lsp.start_client({
  name = "bailiwick",
  cmd = { os.getenv("BAILIWICK"), "lsp" },
  root_dir = root,
})
check(client ~= nil, "the server starts")
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 30000)
  local answer = answers and answers[client]
  check(answer ~= nil and answer.error == nil, method .. " is answered")
  return answer.result
end

local function at(text, offset)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      return {
        textDocument = { uri = vim.uri_from_bufnr(buffer) },
        position = { line = number - 1, character = column - 1 + (offset or 0) },
      }
    end
  end
  check(false, "the text has `" .. text .. "`")
end

local function codes()
  local found = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    found[diagnostic.code or (diagnostic.user_data and diagnostic.user_data.lsp.code) or "?"] = diagnostic
  end
  return found
end

wait("the server is ready", function()
  return vim.lsp.buf_get_clients(buffer)[client] ~= nil and vim.lsp.get_client_by_id(client).initialized
end)

-- definition: into another file, and into this one
local found = ask("textDocument/definition", at("owner    support", 9))
check(#found == 1 and found[1].uri:match("estate%.grant$") ~= nil, "the owner's definition is in the other file")
found = ask("textDocument/definition", at("for customer-care", 4))
check(#found == 1 and found[1].uri:match("support%.grant$") ~= nil, "the purpose's definition is in this file")

-- hover: what a name stands for
local hover = ask("textDocument/hover", at("tickets.search", 3))
check(hover.contents.value:find("Find tickets", 1, true) ~= nil, "hover shows the tool")

-- diagnostics while typing: a name that is not there, with positions behind what UTF-16 counts differently
local line = at("owner    support").position.line
vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { '  owner    suport # é𝄞 "ü"' })
wait("a wrong name is reported while typing", function() return codes()["unknown-name"] ~= nil end)
local wrong = codes()["unknown-name"]
check(wrong.lnum == line and wrong.col == 11, "it is reported where it stands")
check(vim.tbl_count(codes()) == 1, "and nothing is reported that only follows from it")

-- proofs when they are ready: the grant now exceeds its purpose
vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { "  owner    support" })
line = at("allow   tickets.answer where").position.line
vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { "  allow   tickets.answer where args.refund <= 5000" })
wait("over-privilege is proved while typing", function() return codes()["over-privilege"] ~= nil end)
local finding = codes()["over-privilege"]
hover = ask("textDocument/hover", {
  textDocument = { uri = vim.uri_from_bufnr(buffer) },
  position = { line = finding.lnum, character = finding.col },
})
check(hover.contents.value:find("over-privilege", 1, true) ~= nil, "hover explains the finding")

-- code action: the fix that the finding carries mends it
local place = { line = finding.lnum, character = finding.col }
local actions = ask("textDocument/codeAction", {
  textDocument = { uri = vim.uri_from_bufnr(buffer) },
  range = { start = place, ["end"] = place },
  context = { diagnostics = {}, only = { "quickfix" } },
})
local fix
for _, action in ipairs(actions) do
  if action.diagnostics[1].code == "over-privilege" then fix = action end
end
check(fix ~= nil and fix.kind == "quickfix", "the finding's fix is offered")
vim.lsp.util.apply_workspace_edit(fix.edit, "utf-16")
wait("the fix mends the finding", function() return codes()["over-privilege"] == nil end)

-- formatting
vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { "      allow tickets.answer   where args.refund<=50" })
local edits = ask("textDocument/formatting", {
  textDocument = { uri = vim.uri_from_bufnr(buffer) },
  options = { tabSize = 2, insertSpaces = true },
})
check(#edits == 1, "formatting changes what is untidy")
vim.lsp.util.apply_text_edits(edits, buffer, "utf-16")
local tidy = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]
check(tidy:match("^  allow%s+tickets.answer where args.refund <= 50$") ~= nil, "formatting lays it out")
wait("a mended project has no findings", function() return codes()["over-privilege"] == nil end)

-- the end: the server must end although our side of the pipe stays open
vim.lsp.stop_client(client)
wait("the server ends", function() return vim.lsp.get_client_by_id(client) == nil or vim.lsp.client_is_stopped(client) end)
finish(0)

-- Bailiwick in Neovim 0.7 or newer: `require` or `luafile` this from your init.lua.
-- It needs `bailiwick` on the PATH.

local group = vim.api.nvim_create_augroup("bailiwick", {})

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = "*.grant",
  callback = function()
    vim.bo.filetype = "grant"
  end,
})

local clients = {}

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "grant",
  callback = function(event)
    vim.bo[event.buf].commentstring = "# %s"
    local file = vim.api.nvim_buf_get_name(event.buf)
    local folder = vim.fn.fnamemodify(file, ":p:h")
    local manifest = vim.fn.findfile("bailiwick.toml", folder .. ";")
    local root = manifest ~= "" and vim.fn.fnamemodify(manifest, ":p:h") or folder
    if not clients[root] or vim.lsp.client_is_stopped(clients[root]) then
      clients[root] = vim.lsp.start_client({ name = "bailiwick", cmd = { "bailiwick", "lsp" }, root_dir = root })
    end
    if clients[root] then
      vim.lsp.buf_attach_client(event.buf, clients[root])
    end
    local map = function(keys, action)
      vim.keymap.set("n", keys, action, { buffer = event.buf })
    end
    map("K", vim.lsp.buf.hover)
    map("gd", vim.lsp.buf.definition)
  end,
})

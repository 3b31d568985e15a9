-- What the formats of a manuscript need beyond pandoc: numbers, references, alternative texts.

local counts = { Figure = 0, Table = 0 }

-- Word and the others number captions by fields; in Markdown nothing does.
local function label(kind, caption)
  counts[kind] = counts[kind] + 1
  if FORMAT:match("markdown") and caption.long[1] then
    local number = pandoc.Strong(kind .. " " .. counts[kind] .. ".")
    caption.long[1].content:insert(1, pandoc.Space())
    caption.long[1].content:insert(1, number)
  end
end

local function escaped(text)
  return (text:gsub('[\\"]', "\\%0"):gsub("\n", " "))
end

-- Pandoc leaves out the alternative text of a Typst image, without which a PDF is not accessible.
local function typst_figure(figure, image)
  local place = string.format(
    'image("%s", width: %s, alt: "%s")',
    image.src, image.attributes.width, escaped(pandoc.utils.stringify(image.caption))
  )
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#figure(" .. place .. ", caption: [") })
  blocks:extend(figure.caption.long)
  blocks:insert(pandoc.RawBlock("typst", "]) <" .. figure.identifier .. ">"))
  return blocks
end

function Figure(figure)
  label("Figure", figure.caption)
  local image
  figure:walk({ Image = function(found) image = found end })
  if FORMAT == "typst" then
    return typst_figure(figure, image)
  end
  return figure
end

-- A table of a page or less moves to where there is room for it; a longer one is broken.
local ROWS = 32

function Table(table)
  label("Table", table.caption)
  local rows = 0
  for _, body in ipairs(table.bodies) do
    rows = rows + #body.body
  end
  if FORMAT ~= "typst" or rows > ROWS then
    return table
  end
  local open = pandoc.RawBlock("typst", "#[#set figure(placement: auto)")
  return { open, table, pandoc.RawBlock("typst", "]") }
end

-- Where the references and their style stood on the machine that wrote this is nobody's business.
function Meta(meta)
  meta.bibliography, meta.csl, meta["link-citations"] = nil, nil, nil
  return meta
end

function Link(link)
  local target = link.attributes.reference
  if not target then
    return nil
  elseif FORMAT == "latex" then
    local kind = pandoc.utils.stringify(link):match("^%a+")
    return pandoc.RawInline("latex", kind .. "~\\ref{" .. target .. "}")
  elseif FORMAT == "typst" then
    return pandoc.RawInline("typst", "#ref(<" .. target .. ">)")
  end
  return pandoc.Link(link.content, link.target)
end

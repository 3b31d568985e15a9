"""Sphinx settings of the site; `jkrel site` copies them beside the pages it makes."""

import jkrel
from jkrel.publish import chapters

project = "jkrel"
author = "jkrel contributors"
copyright = "jkrel contributors; text, figures and data CC BY 4.0, code BSD-3-Clause"
version = release = jkrel.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxcontrib.bibtex"]
exclude_patterns = ["_static", "extra"]
nitpicky = True
# Types in docstrings are words, such as "list of str"; only our own classes are pages here.
nitpick_ignore_regex = [("py:.*", r"(?!jkrel\.).*"), ("py:func", "jkrel.load")]

# Notebooks are shown as they were committed. Raw HTML in Markdown is shown as text.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_disable_syntax = ["html_block", "html_inline"]
myst_heading_anchors = 3
# Numbers of chapters lead to the page of their receipts.
myst_url_schemes = {
    **dict.fromkeys(["http", "https", "mailto"]),
    "receipt": {"url": "../receipts/{{path}}.html#{{fragment}}"},
}
smartquotes = False
numfig = False

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"
bibtex_cite_id = "{key}"

html_theme = "sphinx_book_theme"
html_title = "jkrel"
# Without one, browsers ask each host for an icon that is not there.
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
# Hundreds of pages of events with the whole menu on each would triple the time of a build.
html_sidebars = {"events/*-*": ["navbar-logo.html", "search-button-field.html", "menu.html"]}
html_copy_source = False
html_show_sourcelink = False
# A page opened from disk may not fetch others, so results are shown by title alone.
html_show_search_summary = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "home_page_in_toc": True,
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "use_download_button": False,
    "use_fullscreen_button": False,
    "navbar_persistent": [],
    # Deeper menus fold behind a sign that has no name for those who cannot see it.
    "max_navbar_depth": 1,
}


def setup(app):
    """Take out what would fetch or run something, wherever a page got it from."""
    app.connect("doctree-read", chapters.inert)
    app.connect("html-page-context", chapters.safe_title, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}

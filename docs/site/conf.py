"""The settings of Sphinx for the site of docs/, which `doit docs` builds."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]  # for generated.py and the package itself

project = "doit-wasm"
html_title = "doit-wasm"
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generated"]
exclude_patterns = ["site"]
myst_heading_anchors = 3
default_role = "literal"  # docstrings write `name` as Markdown does
autodoc_typehints = "none"  # the docstrings say it in words
